import { PlanError, quoted } from './errors.ts';
import type { HeadersData } from './plan-file.ts';

/** Fields in the order they are sent; names may repeat. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Fields that the generator writes itself, and why nobody else may. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['content-length', 'it is counted from the body. Leave it out.'],
  ['transfer-encoding', 'bodies are sent with their length. Leave it out.'],
  ['connection', 'it is set by --no-keepalive or keepAlive: false. Use that.'],
  ['keep-alive', 'it is set by --no-keepalive or keepAlive: false. Use that.'],
  ['proxy-connection', 'it is set by --no-keepalive or keepAlive: false. Use that.'],
  ['upgrade', 'only HTTP/1.1 is spoken. Leave it out.'],
  ['expect', 'bodies are sent without waiting for 100 Continue. Leave it out.'],
]);

/** Headers of a plan file, checked; a list value makes one header for each member. */
export function readHeaders(headers: HeadersData | undefined, label: string): HeaderList {
  if (headers === undefined) return [];
  if (isLines(headers)) return headers.map((line) => parseHeaderLine(line, label));
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one) => checkedHeader(name, `${one}`, `${label}.${name}`)),
  );
}

/** Reads `Name: value`; an empty value is a header with an empty value. */
export function parseHeaderLine(line: string, label: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon > 0) return checkedHeader(line.slice(0, colon), line.slice(colon + 1), label);
  throw fault(`${quoted(line)} has no name and colon`, label, "Write it like 'Accept: text/html'.");
}

/** `later` after those of `earlier` that it does not name; names compare without regard to case. */
export function overrideHeaders(earlier: HeaderList, later: HeaderList): HeaderList {
  const named = new Set(later.map(([name]) => name.toLowerCase()));
  return [...earlier.filter(([name]) => !named.has(name.toLowerCase())), ...later];
}

function checkedHeader(name: string, value: string, label: string): readonly [string, string] {
  if (!TOKEN.test(name)) {
    throw fault(
      `${quoted(name)} is no header name (RFC 9110 §5.1)`,
      label,
      'Use letters, digits and -.',
    );
  }
  const lowerCase = name.toLowerCase();
  const reason = REFUSED.get(lowerCase);
  if (reason !== undefined) {
    const [cause, remedy] = reason.split(/(?<=\.) /);
    throw fault(`${name} cannot be given, ${cause.slice(0, -1)}`, label, remedy);
  }
  const bad = /[^\t\x20-\x7e\x80-\xff]/u.exec(value)?.[0];
  if (bad !== undefined) {
    const code = bad.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    throw fault(
      `the value of ${name} holds U+${code}, which no header can carry (RFC 9110 §5.5)`,
      label,
      'Remove or encode it.',
    );
  }
  if (lowerCase === 'host' && value.includes('{{')) {
    throw fault('Host cannot hold slots', label, 'All requests of a run go to one place.');
  }
  return [name, value.replace(/^[ \t]+|[ \t]+$/g, '')];
}

function isLines(headers: HeadersData): headers is readonly string[] {
  return Array.isArray(headers);
}

function fault(cause: string, where: string, remedy: string): PlanError {
  return new PlanError({ code: 'PLAN_HEADER', problem: 'Header not usable', cause, where, remedy });
}
