// Allocates nothing for a URL seen before: the parsed forms of the last few hundred are kept (a parse costs 0.4 µs, what
// is derived from it as much again).
import { InvalidUrlError } from '../errors.ts';

/** An absolute http or https URL, taken apart once. Immutable and shared: compare by identity where that helps. */
export interface RequestUrl {
  /** Normalised, without user info and fragment: safe to show. */
  readonly href: string;
  readonly scheme: 'http' | 'https';
  /** Host name or address, an IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** As in the Host field: the port only when it is not the default. */
  readonly host: string;
  /** `https://host:port`, the default port left out; two URLs of one origin share credentials (RFC 9110 §4.3.1). */
  readonly origin: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly username: string;
  readonly password: string;
  /** With its `#`, or empty; a redirect without one inherits it (RFC 9110 §10.2.2). */
  readonly fragment: string;
}

const KEPT = 512;
const LONGEST = 65_536;
const kept = new Map<string, RequestUrl>();

/** Parses by the WHATWG URL standard; throws InvalidUrlError. */
export function parseUrl(text: string): RequestUrl {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const url = parseAnew(text);
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value!);
  kept.set(text, url);
  return url;
}

/** `reference` against `base` (RFC 3986 §5); throws InvalidUrlError. */
export function resolveUrl(reference: string, base: RequestUrl): RequestUrl {
  let joined: string;
  try {
    joined = new URL(reference, base.href).href;
  } catch {
    throw invalid(reference, 'it is no URL', 'Give an absolute URL, or a path');
  }
  return parseUrl(joined);
}

function parseAnew(text: string): RequestUrl {
  if (text.length > LONGEST) {
    throw invalid(
      `${withoutUser(text).slice(0, 64)}…`,
      `it is ${text.length} characters long, at most ${LONGEST} are accepted`,
      'Send long data in the body',
    );
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // What the platform throws says no more, and shows the text with the password that may be in it.
    throw explainFailure(text);
  }
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') {
    if (HAS_NO_SCHEME.test(text)) throw schemeless(text);
    throw new InvalidUrlError({
      code: 'UNSUPPORTED_SCHEME',
      phase: 'build',
      problem: 'Cannot request that URL',
      reason: `its scheme is ${JSON.stringify(scheme)}`,
      remedy: 'Use http:// or https:// (unix sockets: the option socketPath)',
      url: withoutUser(text),
    });
  }
  const fallback = scheme === 'https' ? 443 : 80;
  return {
    href: `${url.origin}${url.pathname}${url.search}`,
    scheme,
    hostname: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === '' ? fallback : Number.parseInt(url.port, 10),
    host: url.host,
    origin: url.origin,
    target: `${url.pathname}${url.search}`,
    username: decodeUserInfo(url.username),
    password: decodeUserInfo(url.password),
    fragment: url.hash,
  };
}

function decodeUserInfo(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8 behind the percent signs: what was written is what is meant.
    return text;
  }
}

function explainFailure(text: string): InvalidUrlError {
  const [, authority] = /^\s*[a-z][a-z0-9+.-]*:[/\\]*([^/\\?#]*)/i.exec(text) ?? [];
  if (authority === undefined) return schemeless(text);
  if (!authority.includes('@') && text.includes('@')) {
    const remedy = 'Check the spelling; in a password, write / as %2F, ? as %3F and # as %23';
    return invalid(text, 'its host is no valid name or address', remedy);
  }
  const [, port] = /:([^:\]]*)$/.exec(authority.slice(authority.lastIndexOf('@') + 1)) ?? [];
  if (port !== undefined && !(/^\d*$/.test(port) && Number(port) <= 65_535)) {
    const reason = `${JSON.stringify(port)} is no port`;
    return invalid(text, reason, 'Use a number from 1 to 65535');
  }
  return invalid(text, 'its host is no valid name or address', 'Check the spelling');
}

/** `localhost:3000/x` and `user:password@host` are URLs to the standard, with a scheme that nobody meant. */
const HAS_NO_SCHEME = /^\s*[^/\\?#:]*:(?:\d+(?:[/\\?#]|$)|(?![/\\])[^/\\?#]*@)/;

function schemeless(text: string): InvalidUrlError {
  return invalid(text, 'it has no scheme', 'Begin with http:// or https://, or set baseUrl');
}

/** For what is no URL: nobody can tell where in it a password ends, but that it ends before the last `@`. */
function withoutUser(text: string): string {
  const at = text.lastIndexOf('@');
  if (at === -1) return text;
  const [scheme = ''] = /^\s*[a-z][a-z0-9+.-]*:[/\\]{2}/i.exec(text) ?? [];
  return `${scheme}…${text.slice(at)}`;
}

function invalid(text: string, reason: string, remedy: string): InvalidUrlError {
  return new InvalidUrlError({
    code: 'INVALID_URL',
    phase: 'build',
    problem: 'Cannot request that URL',
    reason,
    remedy,
    url: withoutUser(text),
  });
}
