import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { InvalidRequestError } from '../errors.ts';
import type { RequestUrl } from '../model/request-url.ts';

/**
 * A set of URLs, written `scheme://host:port` with any part left open:
 *
 *   all://                  every URL                 https://                every https URL
 *   all://example.com       that host, any port       https://example.com     that host over https
 *   all://*.example.com     its subdomains            all://*example.com      itself and its subdomains
 *   all://localhost:3000    that host and port        *.example.com           the scheme may be left out
 */
export interface UrlPattern {
  readonly scheme: 'http' | 'https' | null;
  /** Lower case, ASCII form, without brackets and asterisk; empty for any. */
  readonly host: string;
  readonly hostMatch: 'any' | 'exact' | 'subdomains' | 'suffix';
  readonly port: number | null;
}

const SHAPE = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#@]*)\/?$/i;
/** Host, in brackets where it is an IPv6 address, then a port. */
const AUTHORITY = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/;
const SCHEME_WORDS: ReadonlySet<string> = new Set(['http', 'https', 'all']);

/** Throws InvalidRequestError for what is no pattern, a scheme without `://` among it. */
export function parseUrlPattern(text: string): UrlPattern {
  if (SCHEME_WORDS.has(text.toLowerCase())) throw invalid(text, `Write ${text}:// for the scheme`);
  const [, scheme = 'all', authority = ''] = SHAPE.exec(text) ?? [undefined, 'none'];
  if (!SCHEME_WORDS.has(scheme.toLowerCase())) {
    throw invalid(text, 'Write all://, http:// or https://, then a host or nothing');
  }
  const { host, port } = splitAuthority(text, authority);
  return {
    scheme: scheme.toLowerCase() === 'all' ? null : (scheme.toLowerCase() as 'http' | 'https'),
    ...parseHost(text, host),
    port,
  };
}

/** Whether `url` is in the set. */
export function matchesPattern(pattern: UrlPattern, url: RequestUrl): boolean {
  if (pattern.scheme !== null && pattern.scheme !== url.scheme) return false;
  if (pattern.port !== null && pattern.port !== url.port) return false;
  switch (pattern.hostMatch) {
    case 'any':
      return true;
    case 'exact':
      return url.hostname === pattern.host;
    case 'subdomains':
      return url.hostname.endsWith(`.${pattern.host}`);
    case 'suffix':
      return url.hostname === pattern.host || url.hostname.endsWith(`.${pattern.host}`);
  }
}

interface Mount<T> {
  readonly pattern: UrlPattern;
  readonly mounted: T;
}

const compiled = new WeakMap<object, readonly Mount<unknown>[]>();

/**
 * What is mounted for `url`, or undefined. The most specific pattern wins, whatever the order: an exact host before a
 * wildcard, a longer host before a shorter one, then one with a port, then one with a scheme. The table is compiled once,
 * at its first use: do not change it afterwards.
 */
export function matchMount<T>(mounts: Readonly<Record<string, T>>, url: RequestUrl): T | undefined {
  let table = compiled.get(mounts) as readonly Mount<T>[] | undefined;
  if (table === undefined) {
    table = Object.entries(mounts)
      .map(([key, mounted]) => ({ pattern: parseUrlPattern(key), mounted }))
      .sort((a, b) => compareSpecificity(a.pattern, b.pattern));
    compiled.set(mounts, table);
  }
  return table.find((mount) => matchesPattern(mount.pattern, url))?.mounted;
}

function compareSpecificity(a: UrlPattern, b: UrlPattern): number {
  return (
    Number(b.hostMatch === 'exact') - Number(a.hostMatch === 'exact') ||
    b.host.length - a.host.length ||
    Number(b.hostMatch === 'subdomains') - Number(a.hostMatch === 'subdomains') ||
    Number(b.port !== null) - Number(a.port !== null) ||
    Number(b.scheme !== null) - Number(a.scheme !== null)
  );
}

function splitAuthority(text: string, authority: string): { host: string; port: number | null } {
  if (isIPv6(authority)) return { host: authority, port: null };
  const [, host, port] = AUTHORITY.exec(authority) ?? [];
  if (host === undefined) throw invalid(text, 'Write host or host:port');
  if (port !== undefined && Number(port) > 65_535) throw invalid(text, 'Ports end at 65535');
  return { host, port: port === undefined ? null : Number(port) };
}

function parseHost(text: string, host: string): Pick<UrlPattern, 'host' | 'hostMatch'> {
  if (host === '' || host === '*') return { host: '', hostMatch: 'any' };
  if (host.startsWith('*.')) return { host: toAscii(text, host.slice(2)), hostMatch: 'subdomains' };
  if (host.startsWith('*')) return { host: toAscii(text, host.slice(1)), hostMatch: 'suffix' };
  return { host: toAscii(text, host), hostMatch: 'exact' };
}

/** As a URL would have it, so that the two can be compared. */
function toAscii(text: string, host: string): string {
  const address = host.startsWith('[') ? host.slice(1, -1) : host;
  if (isIPv6(address)) return new URL(`http://[${address}]`).hostname.slice(1, -1);
  const name = host.includes('*') ? '' : domainToASCII(host);
  if (name === '') throw invalid(text, 'Write a host name or address; * may only stand first');
  return name;
}

function invalid(text: string, remedy: string): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: 'Cannot tell which URLs are meant',
    reason: `${JSON.stringify(text)} is no URL pattern`,
    remedy,
  });
}
