import { InvalidRequestError } from '../errors.ts';
import { invalidOption } from './invalid-option.ts';

/** A token (RFC 9110 §5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Printable, without the semicolon that ends a pair: laxer than RFC 6265 §4.1.1, as servers and browsers are. */
const VALUE = /^(?:[!-:<-~](?:[ -:<-~]*[!-:<-~])?)?$/;

/** The value of a Cookie field for `cookies`; throws InvalidRequestError where one would turn into another. */
export function cookieHeader(cookies: Readonly<Record<string, string>>): string {
  if (typeof cookies !== 'object' || cookies === null) {
    throw invalidOption('cookies', cookies, 'is no object', 'Give names and values');
  }
  let text = '';
  for (const [name, value] of Object.entries(cookies)) {
    if (!NAME.test(name)) throw refused(name, 'its name is no token (RFC 6265 §4.1.1)');
    if (typeof value !== 'string') throw refused(name, 'its value is not text');
    if (!VALUE.test(value)) throw refused(name, 'its value holds a character that none may hold');
    text += text === '' ? `${name}=${value}` : `; ${name}=${value}`;
  }
  return text;
}

/** The pairs of `first`, then those of `second` whose names are not in `first`. */
export function joinCookieHeaders(first: string, second: string): string {
  if (first === '' || second === '') return `${first}${second}`;
  const names = new Set(first.split(';').map(nameOf));
  const others = second.split(';').filter((pair) => !names.has(nameOf(pair)));
  return [first, ...others.map((pair) => pair.trim())].join('; ');
}

function nameOf(pair: string): string {
  return (pair.split('=', 1)[0] ?? '').trim();
}

function refused(name: string, reason: string): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: `Cookie ${JSON.stringify(name)} not sent`,
    reason,
    remedy: 'Encode it, with encodeURIComponent for example',
  });
}
