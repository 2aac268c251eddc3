/** One `<target>; name=value; …` of a Link field: commas and semicolons in the target or in quotes separate nothing. */
const LINK =
  /<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s;,"]*))?)*)/g;
const PARAMETER = /;\s*([^\s=;,]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s;,"]*)))?/g;

/** The target of the first link with the relation `relation` in Link fields (RFC 8288 §3), or null. */
export function linkTarget(fields: readonly string[], relation: string): string | null {
  for (const field of fields) {
    for (const [, target, parameters] of field.matchAll(LINK)) {
      if (relationsIn(parameters!).includes(relation)) return target!;
    }
  }
  return null;
}

/** Of several `rel` only the first counts (RFC 8288 §3.3). */
function relationsIn(parameters: string): string[] {
  for (const [, name, quoted, single, plain] of parameters.matchAll(PARAMETER)) {
    if (name!.toLowerCase() !== 'rel') continue;
    return (quoted ?? single ?? plain ?? '').toLowerCase().split(/\s+/);
  }
  return [];
}
