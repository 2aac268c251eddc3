import { InvalidRequestError } from '../errors.ts';
import { invalidOption } from './invalid-option.ts';
import { parseUrl, type RequestUrl } from './request-url.ts';

const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\//i;

/** A checked `baseUrl`, taken apart for `joinUrl`. */
export interface BaseUrl {
  /** Without user info, query and fragment, and without a slash at the end: `https://host/v1`. */
  readonly prefix: string;
  readonly origin: string;
  readonly username: string;
  readonly password: string;
  /** What references behind it came to. */
  readonly known: Map<string, RequestUrl>;
}

/** Refuses a query or a fragment: nothing could be put behind them. Throws InvalidUrlError, InvalidRequestError. */
export function parseBaseUrl(text: string): BaseUrl {
  if (typeof text !== 'string') {
    throw invalidOption(
      'baseUrl',
      text,
      'is not text',
      'Write https://host, and a path if need be',
    );
  }
  const url = parseUrl(text);
  if (url.fragment !== '' || url.target.includes('?')) {
    throw new InvalidRequestError({
      code: 'INVALID_OPTION',
      phase: 'build',
      problem: 'Client not made',
      reason: 'baseUrl has a query or a fragment',
      remedy: 'Give the query as params, and leave the fragment out',
      url: text,
    });
  }
  const { origin, username, password } = url;
  const prefix = `${origin}${url.target.replace(/\/$/, '')}`;
  return { prefix, origin, username, password, known: new Map() };
}

/**
 * The text of the URL meant by `reference`. One with a scheme and `//` stands for itself. Everything else is put behind
 * the base, with one slash between: `x` and `/x` are the same, `../x` climbs (RFC 3986 §5.2.4), `?q` and `#f` need no
 * slash. Nothing but a whole URL leads to another host, `//host` and `\\host` included: a path made of somebody's input
 * stays where it belongs.
 */
export function joinUrl(reference: string, base: BaseUrl | null): string {
  if (base === null || ABSOLUTE.test(reference)) return reference;
  const first = reference.charCodeAt(0);
  if (Number.isNaN(first) || first === 0x3f || first === 0x23) return `${base.prefix}${reference}`;
  return first === 0x2f ? `${base.prefix}${reference}` : `${base.prefix}/${reference}`;
}

/** References remembered for each base. */
const KEPT = 512;

/** The URL meant by `reference`, as `joinUrl` has it; one look-up for a reference seen before. Throws InvalidUrlError. */
export function urlBehind(reference: string, base: BaseUrl | null): RequestUrl {
  if (base === null) return parseUrl(reference);
  const known = base.known.get(reference);
  if (known !== undefined) return known;
  const url = parseUrl(joinUrl(reference, base));
  if (base.known.size >= KEPT) base.known.delete(base.known.keys().next().value!);
  base.known.set(reference, url);
  return url;
}
