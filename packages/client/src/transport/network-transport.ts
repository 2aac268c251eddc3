import { systemClock, type Clock } from '@needletail/wire';
import type { PoolLimits, ProxyOptions, TlsOptions } from '../model/client-options.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { AlpnTransport } from './alpn-transport.ts';
import type { ResolveName } from './address-cache.ts';
import { checkNetworkOptions } from './check-network-options.ts';
import { createConnectorSource, type NetworkConnectors } from './connectors.ts';
import type { Http2Transport, Http2TransportOptions } from './http2-transport.ts';
import type { Environment } from './proxy-environment.ts';
import { NO_CONNECTIONS } from './no-connections.ts';
import { poolLimitsOf } from './pool-limits.ts';
import { proxyRulesFor } from './proxy-rules.ts';
import type { PoolStatus, Transport, TransportResponse } from './transport.ts';
import { createWireTransport } from './wire-transport.ts';

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
  checkNetworkOptions(options);
  const { tls = {}, socketPath, clock = systemClock } = options;
  const connectors = createConnectorSource({
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
  return { transport: transportOver(connectors, options), connectors };
}

function transportOver(
  source: NetworkConnectors,
  { http2, limits = {}, clock = systemClock }: NetworkTransportOptions,
): Transport {
  if (http2 === 'prior-knowledge') return new PriorKnowledge(source, limits, clock);
  const http1 = createWireTransport({ source, limits, clock });
  if (http2 !== true) return http1;
  return new AlpnTransport({
    http1,
    spare: (url, opened) => source.spare(url, opened),
    http2: (onOtherProtocol) =>
      loadHttp2({
        ...http2Options(source, limits, clock),
        alpn: ['h2', 'http/1.1'],
        onOtherProtocol,
      }),
  });
}

function http2Options(
  source: NetworkConnectors,
  limits: PoolLimits,
  clock: Clock,
): Omit<Http2TransportOptions, 'alpn'> {
  const { maxConnections, keepAliveExpiry } = poolLimitsOf(limits);
  return {
    openSocket: (url, alpn, signal) => source.openSocket(url, alpn, signal),
    maxConnections,
    keepAliveExpiryMs: keepAliveExpiry,
    clock,
  };
}

/** `node:http2` takes its time to load, and most clients do without. */
async function loadHttp2(options: Http2TransportOptions): Promise<Http2Transport> {
  const { Http2Transport } = await import('./http2-transport.ts');
  return new Http2Transport(options);
}

/** HTTP/2 and nothing else, over TCP too (RFC 9113 §3.3). */
class PriorKnowledge implements Transport {
  readonly #source: NetworkConnectors;
  readonly #loading: Promise<Http2Transport>;
  #loaded: Http2Transport | null = null;

  constructor(source: NetworkConnectors, limits: PoolLimits, clock: Clock) {
    this.#source = source;
    this.#loading = loadHttp2({ ...http2Options(source, limits, clock), alpn: ['h2'] });
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
