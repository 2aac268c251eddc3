// Hot: a request to a URL seen before costs one map lookup, a promise and an exchange. Guarded by bench/src/client-cpu.ts.
import { systemClock, type Clock, type ResponseLimits } from '@needletail/wire';
import { AbortedError } from '../errors.ts';
import type { PoolLimits } from '../model/client-options.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { RequestUrl } from '../model/request-url.ts';
import type { ConnectorSource } from './connector-source.ts';
import { Exchange } from './exchange.ts';
import type { OriginPool } from './origin-pool.ts';
import { closedError, Pool, statusOf } from './pool.ts';
import { RequestHeads } from './request-head.ts';
import type { PoolStatus, Transport, TransportResponse } from './transport.ts';

export interface WireTransportOptions {
  readonly source: ConnectorSource;
  readonly limits?: PoolLimits;
  /** Sizes of heads and trailers that are accepted; bodies are limited by each request. */
  readonly responseLimits?: Partial<ResponseLimits>;
  readonly clock?: Clock;
}

/** HTTP/1.1 over the network, with a pool. */
export interface WireTransport extends Transport {
  readonly pool: PoolStatus;
}

/** URLs whose way and head are remembered. */
const KEPT_ROUTES = 512;

/** The transport that the client uses unless told otherwise; owns `source` and closes it. */
export function createWireTransport(options: WireTransportOptions): WireTransport {
  return new PooledTransport(options);
}

/** What there is to know about requests to one URL. */
interface Route {
  origin: OriginPool;
  readonly heads: RequestHeads;
}

class PooledTransport implements WireTransport {
  readonly #source: ConnectorSource;
  readonly pool: PoolStatus;
  readonly #pool: Pool;
  readonly #routes = new Map<RequestUrl, Route>();
  #order = 0;
  #isClosed = false;

  constructor(options: WireTransportOptions) {
    const { source, limits = {}, responseLimits = {}, clock = systemClock } = options;
    this.#source = source;
    this.#pool = new Pool({ source, limits, responseLimits, clock });
    this.pool = statusOf(this.#pool);
  }

  send(request: ClientRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw closedError(request);
      const { signal } = request;
      if (signal?.aborted === true) {
        throw AbortedError.of(signal, request.method, request.url.href);
      }
      const { origin, heads } = this.#routeTo(request.url);
      this.#order += 1;
      const exchange = new Exchange(request, heads, origin, this.#order, resolve, reject);
      this.#pool.watch(request.timeouts);
      origin.enqueue(exchange);
    });
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    this.#routes.clear();
    this.#pool.close();
    this.#source.close();
    return Promise.resolve();
  }

  #routeTo(url: RequestUrl): Route {
    const route = this.#routes.get(url) ?? this.#findRoute(url);
    if (route.origin.isRetired) route.origin = this.#pool.originFor(route.origin.key);
    return route;
  }

  #findRoute(url: RequestUrl): Route {
    const route: Route = {
      origin: this.#pool.originFor(this.#source.keyOf(url)),
      heads: new RequestHeads(url, {
        form: this.#source.requestForm(url),
        extraHeaders: this.#source.extraHeaders(url),
        connection: this.#pool.keepsConnections ? undefined : 'close',
      }),
    };
    if (this.#routes.size >= KEPT_ROUTES) this.#routes.delete(this.#routes.keys().next().value!);
    this.#routes.set(url, route);
    return route;
  }
}
