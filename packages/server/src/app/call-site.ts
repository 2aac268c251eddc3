/** Of this package, from its source, from what was compiled of it, or from what was joined; unknown where programs are joined with it. */
const [, OWN_FOLDER = null] =
  /^(.*\/)(?:(?:src|dist)\/app\/call-site\.[jt]s|dist\/bundle\/[^/]+)$/.exec(import.meta.url) ?? [];
const PLACE = /((?:file:\/\/)?\/[^()]*|[A-Za-z]:[^()]*):(\d+):\d+\)?$/;

/** `file.ts:12` of the program that called into this package, for messages; empty where the stack does not tell. */
export function callSite(): string {
  if (OWN_FOLDER === null) return '';
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 8;
  const lines = (new Error('call site').stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = before;
  for (const line of lines) {
    const [, file, row] = PLACE.exec(line.trim()) ?? [];
    if (file === undefined || isOwn(file)) continue;
    return `${file.slice(file.lastIndexOf('/') + 1)}:${row}`;
  }
  return '';
}

/** Tests beside the source call like any program. */
function isOwn(file: string): boolean {
  const url = file.startsWith('file:') ? file : `file://${file}`;
  return url.startsWith(OWN_FOLDER!) && !/\.test\.[jt]s$/.test(url);
}
