import type { LinkError } from '@needletail/wire';
import { ProxyError } from '../errors.ts';
import type { ProxyServer } from './proxy-rules.ts';

/** The way to the proxy itself is blocked: its name, its port, or TLS with it. */
export function proxyUnreachable(error: LinkError, proxy: ProxyServer): ProxyError {
  const { message } = error;
  return new ProxyError({
    code: 'PROXY_UNREACHABLE',
    phase: 'proxy',
    problem: 'Cannot reach the proxy',
    reason: message.slice(message.indexOf(': ') + 2, message.lastIndexOf('. ')),
    remedy: 'Check the option proxy, or the variables HTTP_PROXY and HTTPS_PROXY',
    url: proxy.url.origin,
    cause: error,
  });
}

/** The proxy closed the connection before it had answered. */
export function proxyHungUp(proxy: ProxyServer, authority: string, cause?: unknown): ProxyError {
  return new ProxyError({
    code: 'PROXY_UNREACHABLE',
    phase: 'proxy',
    problem: 'No tunnel through the proxy',
    reason: `it closed the connection when asked for ${authority}`,
    remedy: 'Check what the proxy logged',
    url: proxy.url.origin,
    cause,
  });
}

/** The proxy answered, and not with a tunnel (RFC 9110 §9.3.6). */
export function proxyRefused(proxy: ProxyServer, authority: string, status: number): ProxyError {
  const wantsCredentials = status === 407;
  return new ProxyError({
    code: wantsCredentials ? 'PROXY_AUTH' : 'PROXY_REFUSED',
    phase: 'proxy',
    problem: 'No tunnel through the proxy',
    reason: wantsCredentials
      ? `it wants other credentials than it was given (status 407 for ${authority})`
      : `it refused ${authority} with status ${status}`,
    remedy: wantsCredentials
      ? 'Give user and password in proxy.auth or in the URL of the proxy'
      : 'Check what the proxy allows, or add the host to NO_PROXY',
    url: proxy.url.origin,
  });
}

/** What the proxy answered is not HTTP, or goes on where a tunnel begins. */
export function proxyGarbled(proxy: ProxyServer, reason: string, cause?: unknown): ProxyError {
  return new ProxyError({
    code: 'PROXY_REFUSED',
    phase: 'proxy',
    problem: 'No tunnel through the proxy',
    reason,
    remedy: 'Check that its address is that of an HTTP proxy',
    url: proxy.url.origin,
    cause,
  });
}
