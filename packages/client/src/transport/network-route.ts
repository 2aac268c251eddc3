import {
  deferredLink,
  tlsStarter,
  type Clock,
  type Connector,
  type OpenedSocket,
  type SecureSocket,
  type SessionCache,
} from '@needletail/wire';
import type { TlsOptions } from '../model/client-options.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { RequestUrl } from '../model/request-url.ts';
import type { AddressCache } from './address-cache.ts';
import { connectTunnel } from './connect-tunnel.ts';
import { NetworkHop } from './network-hop.ts';
import { proxyGarbled, proxyUnreachable } from './proxy-failure.ts';
import type { ProxyServer } from './proxy-rules.ts';
import { tlsSettingsFor } from './tls-settings.ts';

/** The way to one origin, found once. */
export interface NetworkRoute {
  readonly key: string;
  readonly form: 'origin' | 'absolute';
  readonly extraHeaders: HeaderList | null;
  connector(): Connector | Promise<Connector>;
  /** A socket for what Node itself speaks; over TLS `alpn` is offered. Rejects as links fail, or as `signal` says. */
  openSocket(alpn: readonly string[], signal: AbortSignal): Promise<OpenedSocket>;
}

export interface RouteSettings {
  readonly url: RequestUrl;
  readonly tls: TlsOptions;
  readonly socketPath: string | undefined;
  readonly addresses: AddressCache;
  readonly clock: Clock;
}

const HTTP1: readonly string[] = ['http/1.1'];

export function routeFor(settings: RouteSettings, proxy: ProxyServer | null): NetworkRoute {
  if (proxy === null) return directRoute(settings);
  return settings.url.scheme === 'https'
    ? tunnelRoute(settings, proxy)
    : forwardRoute(settings, proxy);
}

function directRoute(settings: RouteSettings): NetworkRoute {
  const { url, tls, socketPath, addresses, clock } = settings;
  const session: SessionCache = {};
  const hopFor = (alpn: readonly string[]): NetworkHop =>
    new NetworkHop({
      host: url.hostname,
      port: url.port,
      socketPath,
      tls:
        url.scheme === 'https'
          ? tlsSettingsFor(tls, { hostname: url.hostname, alpn, session })
          : undefined,
      addresses,
      clock,
    });
  const hop = hopFor(HTTP1);
  const hops = oncePerOffer(hopFor);
  return {
    key: socketPath === undefined ? url.origin : `${url.origin} at ${socketPath}`,
    form: 'origin',
    extraHeaders: null,
    connector: () => hop.dialer(),
    openSocket: async (alpn, signal) => await (await hops(alpn).dialer()).open(signal),
  };
}

/** Plain HTTP through a proxy: every origin shares its connections, and the proxy reads the requests. */
function forwardRoute(settings: RouteSettings, proxy: ProxyServer): NetworkRoute {
  const hop = hopToProxy(settings, proxy);
  return {
    key: `via ${proxy.url.origin}`,
    form: 'absolute',
    extraHeaders: proxy.headers.size === 0 ? null : proxy.headers,
    connector: () => hop.dialer(),
    // Nothing but HTTP/1.1 is forwarded: whoever speaks something else needs a tunnel.
    openSocket: async (_alpn, signal) => await openTunnel(hop, settings.url, proxy, signal),
  };
}

/** TLS through a proxy: CONNECT, then a handshake with the target that the proxy only passes on. */
function tunnelRoute(settings: RouteSettings, proxy: ProxyServer): NetworkRoute {
  const { url, tls, clock } = settings;
  const hop = hopToProxy(settings, proxy);
  const session: SessionCache = {};
  const starters = oncePerOffer((alpn) =>
    tlsStarter(tlsSettingsFor(tls, { hostname: url.hostname, alpn, session })),
  );
  const where = `${authorityOf(url)} via ${proxy.url.host}`;

  async function open(startTls: SecureSocket, signal: AbortSignal): Promise<OpenedSocket> {
    const startedAt = clock.now();
    const { socket } = await openTunnel(hop, url, proxy, signal);
    // A TLS server waits for the client to speak first: whoever spoke is not behind the tunnel.
    if (socket.readableLength > 0) {
      socket.destroy();
      throw proxyGarbled(proxy, 'bytes came through the tunnel before any were sent');
    }
    const connectedAt = clock.now();
    const secure = await startTls(socket, where, signal);
    return {
      socket: secure,
      timings: { connectMs: connectedAt - startedAt, tlsMs: clock.now() - connectedAt },
    };
  }

  const connector: Connector = {
    connect: (handler) => deferredLink(where, handler, (signal) => open(starters(HTTP1), signal)),
  };
  return {
    key: `${url.origin} via ${proxy.url.origin}`,
    form: 'origin',
    extraHeaders: null,
    connector: () => connector,
    openSocket: (alpn, signal) => open(starters(alpn), signal),
  };
}

async function openTunnel(
  hop: NetworkHop,
  url: RequestUrl,
  proxy: ProxyServer,
  signal: AbortSignal,
): Promise<OpenedSocket> {
  const opened = await (await hop.dialer()).open(signal);
  await connectTunnel(opened.socket, authorityOf(url), proxy, signal);
  return opened;
}

/** As CONNECT wants it, the default port included. */
function authorityOf({ hostname, port }: RequestUrl): string {
  return hostname.includes(':') ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

function hopToProxy({ addresses, clock }: RouteSettings, proxy: ProxyServer): NetworkHop {
  const { url } = proxy;
  return new NetworkHop({
    host: url.hostname,
    port: url.port,
    tls:
      url.scheme === 'https'
        ? tlsSettingsFor(proxy.tls, { hostname: url.hostname, alpn: HTTP1, session: {} })
        : undefined,
    explain: (error) => proxyUnreachable(error, proxy),
    addresses,
    clock,
  });
}

/** TLS contexts are dear: one for each list of protocols offered. */
function oncePerOffer<T>(make: (alpn: readonly string[]) => T): (alpn: readonly string[]) => T {
  const made = new Map<string, T>();
  return (alpn) => {
    const offer = alpn.join();
    let found = made.get(offer);
    if (found === undefined) {
      found = make(alpn);
      made.set(offer, found);
    }
    return found;
  };
}
