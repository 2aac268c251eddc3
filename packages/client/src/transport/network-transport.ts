import { systemClock, type Clock } from '@needletail/wire';
import type { PoolLimits, ProxyOptions, TlsOptions } from '../model/client-options.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { AlpnTransport } from './alpn-transport.ts';
import type { ResolveName } from './address-cache.ts';
import { checkNetworkOptions } from './check-network-options.ts';
import type { ConnectorSource } from './connector-source.ts';
import { createConnectorSource, type NetworkConnectors } from './connectors.ts';
import type { Http2Transport, Http2TransportOptions } from './http2-transport.ts';
import type { Environment } from './proxy-environment.ts';
import { NO_CONNECTIONS } from './no-connections.ts';
import { ampleLimitsOf, poolLimitsOf } from './pool-limits.ts';
import { proxyRulesFor } from './proxy-rules.ts';
import { SpareSockets } from './spare-sockets.ts';
import type { PoolStatus, Transport, TransportResponse } from './transport.ts';
import { createWireTransport, type SharedWire } from './wire-transport.ts';

export interface NetworkTransportOptions {
  readonly limits?: PoolLimits | undefined;
  readonly tls?: TlsOptions | undefined;
  /** Null for none; undefined leaves it to the environment. */
  readonly proxy?: string | ProxyOptions | null | undefined;
  readonly trustEnv?: boolean | undefined;
  readonly http2?: boolean | 'prior-knowledge' | undefined;
  readonly socketPath?: string | undefined;
  /** `process.env` unless set. */
  readonly env?: Environment | undefined;
  readonly clock?: Clock | undefined;
  readonly resolve?: ResolveName | undefined;
}

/** A transport, and the ways it goes, for what is no request: WebSocket. */
export interface Network {
  readonly transport: Transport;
  readonly connectors: NetworkConnectors;
}

/** The transport of `openNetwork`; throws as that does. */
export function createNetworkTransport(options: NetworkTransportOptions): Transport {
  return openNetwork(options).transport;
}

/**
 * Everything between a client and the network, put together as its options say. Throws InvalidRequestError
 * (INVALID_OPTION) for options that cannot work.
 */
export function openNetwork(options: NetworkTransportOptions): Network {
  const connectors = openConnectors(options);
  const { http2, limits = {}, clock = systemClock } = options;
  return { transport: transportOver({ source: connectors, http2, limits, clock }), connectors };
}

/** The ways to all origins, as the options say; throws as `openNetwork` does. */
export function openConnectors(options: NetworkTransportOptions): NetworkConnectors {
  checkNetworkOptions(options);
  const { tls = {}, socketPath, clock = systemClock } = options;
  return createConnectorSource({
    tls,
    proxies: proxyRulesFor({
      proxy: options.proxy,
      trustEnv: options.trustEnv ?? true,
      env: options.env ?? process.env,
    }),
    socketPath,
    clock,
    ...(options.resolve === undefined ? {} : { resolve: options.resolve }),
  });
}

/** What carries requests along the ways of a network. */
export interface NetworkParts {
  readonly source: ConnectorSource & Pick<NetworkConnectors, 'openSocket'>;
  readonly http2: NetworkTransportOptions['http2'];
  readonly limits: PoolLimits;
  readonly clock: Clock;
  /** For one of many transports over the same ways. */
  readonly shared?: SharedWire;
}

/** The transport over `source` that its options ask for; it owns that. */
export function transportOver(parts: NetworkParts): Transport {
  const { source, http2, limits, clock, shared } = parts;
  if (http2 === 'prior-knowledge') return new PriorKnowledge(parts);
  if (http2 !== true) return createWireTransport({ source, limits, clock, shared });
  const spares = new SpareSockets(source, clock);
  return new AlpnTransport({
    http1: createWireTransport({ source: spares, limits, clock, shared }),
    spare: (url, opened) => spares.add(url, opened),
    mayResend: shared?.isPrompt !== true,
    http2: (onOtherProtocol) =>
      loadHttp2({ ...http2Options(parts), alpn: ['h2', 'http/1.1'], onOtherProtocol }),
  });
}

function http2Options({
  source,
  limits,
  clock,
  shared,
}: NetworkParts): Omit<Http2TransportOptions, 'alpn'> {
  const isPrompt = shared?.isPrompt === true;
  const { maxConnections, keepAliveExpiry } = isPrompt
    ? ampleLimitsOf(limits)
    : poolLimitsOf(limits);
  return {
    openSocket: (url, alpn, signal) => source.openSocket(url, alpn, signal),
    maxConnections,
    keepAliveExpiryMs: keepAliveExpiry,
    clock,
    mayResend: !isPrompt,
    ...(shared === undefined ? {} : { deadlines: shared.deadlines, watch: shared.watch }),
  };
}

/** `node:http2` takes its time to load, and most clients do without. */
async function loadHttp2(options: Http2TransportOptions): Promise<Http2Transport> {
  const { Http2Transport } = await import('./http2-transport.ts');
  return new Http2Transport(options);
}

/** HTTP/2 and nothing else, over TCP too (RFC 9113 §3.3). */
class PriorKnowledge implements Transport {
  readonly #source: ConnectorSource;
  readonly #loading: Promise<Http2Transport>;
  #loaded: Http2Transport | null = null;

  constructor(parts: NetworkParts) {
    this.#source = parts.source;
    this.#loading = loadHttp2({ ...http2Options(parts), alpn: ['h2'] });
    void this.#loading.then((loaded) => (this.#loaded = loaded));
  }

  get pool(): PoolStatus {
    return this.#loaded?.pool ?? NO_CONNECTIONS;
  }

  send(request: ClientRequest): Promise<TransportResponse> {
    return this.#loaded?.send(request) ?? this.#loading.then((loaded) => loaded.send(request));
  }

  async close(): Promise<void> {
    await (await this.#loading).close();
    this.#source.close();
  }
}
