// Hot: runs once for each request whose handler asks for its query. Allocates the record, a slice per name and value, and
// an array per repeated name; what has no escapes is not copied again. Callers pass what stands behind the question mark.
// Guarded by bench/src/input-parsers.ts.
import { BadInputError, limitError } from './bad-input.ts';
import { BareRecord } from './bare-record.ts';

/** Names to a value, or to all values of a repeated name in order; without inherited properties. */
export type Query = Record<string, string | string[]>;

/** How much may be in it; beyond is refused, not cut off. */
export interface QueryLimits {
  /** Pairs, those of repeated names each; 1,000 unless set. */
  readonly parameters?: number;
}

/** Whose text it is, for the error. */
export type QueryOrigin = 'query' | 'form';

const MOST_PARAMETERS = 1000;
const AMPERSAND = 0x26;
const PERCENT = 0x25;
const PLUS = 0x2b;
const EQUALS = 0x3d;

/**
 * The parameters of a query (`a=1&a=2&b`) by the rules of application/x-www-form-urlencoded (WHATWG URL §5.1): `+` is a
 * space, a name without `=` has the value `''`, empty pairs are left out. Other than in a browser an escape that is
 * malformed, or does not spell UTF-8, is refused: throws BadInputError (400).
 */
export function parseQuery(text: string, limits: QueryLimits = {}): Query {
  return parsePairs(text, limits.parameters ?? MOST_PARAMETERS, 'query');
}

/** `parseQuery` with the name of what it reads. */
export function parsePairs(text: string, maxParameters: number, origin: QueryOrigin): Query {
  const query: Query = new BareRecord<string | string[]>();
  const end = text.length;
  let start = 0;
  let equals = -1;
  let isNamePlain = true;
  let isValuePlain = true;
  let count = 0;
  for (let index = 0; index <= end; index += 1) {
    const code = index === end ? AMPERSAND : text.charCodeAt(index);
    if (code === AMPERSAND) {
      if (index > start) {
        count += 1;
        if (count > maxParameters) throw limitError(`parameters in the ${origin}`, maxParameters);
        const nameEnd = equals === -1 ? index : equals;
        const name = isNamePlain
          ? text.slice(start, nameEnd)
          : decode(text, start, nameEnd, origin);
        let value = '';
        if (equals !== -1) {
          value = isValuePlain
            ? text.slice(equals + 1, index)
            : decode(text, equals + 1, index, origin);
        }
        append(query, name, value);
      }
      start = index + 1;
      equals = -1;
      isNamePlain = true;
      isValuePlain = true;
    } else if (code === EQUALS) {
      if (equals === -1) equals = index;
    } else if (code === PERCENT || code === PLUS) {
      if (equals === -1) isNamePlain = false;
      else isValuePlain = false;
    }
  }
  return query;
}

function append(query: Query, name: string, value: string): void {
  const seen = query[name];
  if (seen === undefined) query[name] = value;
  else if (typeof seen === 'string') query[name] = [seen, value];
  else seen.push(value);
}

function decode(text: string, start: number, end: number, origin: QueryOrigin): string {
  const encoded = text.slice(start, end).replaceAll('+', ' ');
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    const code = origin === 'query' ? 'BAD_QUERY' : 'BAD_FORM';
    const place = `between characters ${start} and ${end}`;
    const detail = `An escape in the ${origin} is malformed or not UTF-8 (${place}).`;
    throw new BadInputError(400, code, detail, { cause: error });
  }
}
