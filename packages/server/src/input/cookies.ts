import { limitError } from './bad-input.ts';
import { BareRecord } from './bare-record.ts';

export interface CookieLimits {
  /** Cookies in one request; 300 unless set. Browsers keep 180 and fewer for each domain. */
  readonly cookies?: number;
}

const MOST_COOKIES = 300;
const QUOTE = 0x22;
const SP = 0x20;
const HTAB = 0x09;

/**
 * The cookies of a Cookie field, by name and without inherited properties. Values are as the client sent them, without the
 * quotes around them: nothing is decoded, as the standard knows no encoding (RFC 6265bis §4.2.2). Of two with one name
 * the first counts, which browsers send for the longer path (§5.8.3). What has no `=`, or no name, is left out. Throws
 * BadInputError (400) beyond the limit only.
 */
export function parseCookies(header: string, limits: CookieLimits = {}): Record<string, string> {
  const cookies = new BareRecord<string>();
  const maxCookies = limits.cookies ?? MOST_COOKIES;
  let count = 0;
  let start = 0;
  while (start < header.length) {
    const found = header.indexOf(';', start);
    const end = found === -1 ? header.length : found;
    const equals = header.indexOf('=', start);
    // Nothing further is a cookie.
    if (equals === -1) break;
    if (equals < end) {
      count += 1;
      if (count > maxCookies) throw limitError('cookies', maxCookies);
      const name = trimmed(header, start, equals);
      if (name !== '' && cookies[name] === undefined) {
        cookies[name] = unquoted(trimmed(header, equals + 1, end));
      }
    }
    start = end + 1;
  }
  return cookies;
}

function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === SP || code === HTAB;
}

function unquoted(value: string): string {
  const last = value.length - 1;
  const isQuoted = last > 0 && value.charCodeAt(0) === QUOTE && value.charCodeAt(last) === QUOTE;
  return isQuoted ? value.slice(1, last) : value;
}
