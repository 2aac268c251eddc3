import { isIP } from 'node:net';
import type { AnyContext, Middleware } from '../app/middleware.ts';
import { addressRanges, plainAddress } from './address-ranges.ts';
import { parseForwarded, withoutPort, type ForwardedHop } from './parse-forwarded.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface ProxyHeadersOptions {
  /** Addresses of your proxies: addresses, CIDR blocks, `loopback`, `private`. What anybody else says is not believed. */
  readonly trust: readonly string[];
  /** The one your proxies write, and that they take from nobody else: `x-forwarded` unless given. */
  readonly fields?: 'x-forwarded' | 'forwarded';
}

const OPTIONS: Names<ProxyHeadersOptions> = {
  trust: true,
  fields: true,
};

const HOST = /^(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
/** A list that long was not made by proxies. */
const MOST_HOPS = 32;

/**
 * Believes proxies in front of the server who the client is: `c.forwarded`, and with it `c.remoteAddress`, `c.protocol`, `c.host`
 * and `c.url`. Of the hops it is the right-most that is none of your proxies, as everything left of it was the client's to
 * say. Protocol and host are those that this hop used, so that the proxies must set them anew.
 */
export function proxyHeaders(options: ProxyHeadersOptions): Middleware {
  checkNames('proxyHeaders', options, OPTIONS);
  const isTrusted = addressRanges('proxyHeaders', options.trust);
  const read = options.fields === 'forwarded' ? forwardedHops : legacyHops;
  return {
    name: 'proxy-headers',
    handle(c, next) {
      const peer = plainAddress(c.request.remoteAddress);
      if (isTrusted(peer)) believe(c, peer, read(c), isTrusted);
      return next();
    },
  };
}

function believe(
  c: AnyContext,
  peer: string,
  hops: readonly ForwardedHop[],
  isTrusted: (address: string) => boolean,
): void {
  let address = peer;
  let hop: ForwardedHop | null = null;
  for (const each of hops.toReversed()) {
    // Unknown or hidden hops end what can be believed.
    if (each.address === null || isIP(each.address) === 0) break;
    address = plainAddress(each.address);
    hop = each;
    if (!isTrusted(address)) break;
  }
  if (hop === null) return;
  const host = hop.host !== null && HOST.test(hop.host) ? hop.host : (c.header('host') ?? '');
  c.forwarded = { address, protocol: protocolOf(hop, c), host };
}

function protocolOf({ protocol }: ForwardedHop, c: AnyContext): 'http' | 'https' {
  if (protocol === 'http' || protocol === 'https') return protocol;
  return c.request.isSecure ? 'https' : 'http';
}

function forwardedHops(c: AnyContext): readonly ForwardedHop[] {
  const field = c.request.headers.getAll('forwarded').join(', ');
  return field === '' ? [] : parseForwarded(field, MOST_HOPS);
}

/**
 * The three lists by position. Proxies that set protocol and host, as nginx is mostly told to, leave one member: it is that of
 * the last hop then, and of all.
 */
function legacyHops(c: AnyContext): readonly ForwardedHop[] {
  const addresses = listOf(c, 'x-forwarded-for');
  const protocols = listOf(c, 'x-forwarded-proto');
  const hosts = listOf(c, 'x-forwarded-host');
  const last = addresses.length;
  return addresses.map((address, at) => ({
    address: withoutPort(address),
    protocol: memberFor(protocols, at, last)?.toLowerCase() ?? null,
    host: memberFor(hosts, at, last),
  }));
}

function memberFor(list: readonly string[], at: number, count: number): string | null {
  return (list.length === count ? list[at] : list.at(-1)) ?? null;
}

function listOf(c: AnyContext, name: string): readonly string[] {
  const field = c.request.headers.getAll(name).join(',');
  return field === ''
    ? []
    : field
        .split(',')
        .slice(-MOST_HOPS)
        .map((member) => member.trim());
}
