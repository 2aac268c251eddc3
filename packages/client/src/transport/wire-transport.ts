// Hot: a request to a URL seen before costs a look-up and an exchange. Guarded by bench/src/client-cpu.ts.
import { systemClock, type Clock, type ResponseLimits } from '@needletail/wire';
import { AbortedError } from '../errors.ts';
import type { PoolLimits } from '../model/client-options.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { ConnectorSource } from './connector-source.ts';
import { Exchange } from './exchange.ts';
import type { OriginPool } from './origin-pool.ts';
import { closedError, Pool, statusOf, type PoolOptions } from './pool.ts';
import type { PoolStatus, ResponseReceiver, Transport, TransportResponse } from './transport.ts';
import { WireRoutes } from './wire-routes.ts';

export interface WireTransportOptions {
  readonly source: ConnectorSource;
  readonly limits?: PoolLimits;
  /** Sizes of heads and trailers that are accepted; bodies are limited by each request. */
  readonly responseLimits?: Partial<ResponseLimits>;
  readonly clock?: Clock;
  /** As one of many over the same ways: see `PoolOptions` and `WireRoutes`. */
  readonly shared?: SharedWire | undefined;
}

/** What pools of one network have in common. */
export interface SharedWire extends Required<
  Pick<PoolOptions, 'turns' | 'deadlines' | 'isPrompt' | 'answerTurn' | 'watch' | 'sharedHeads'>
> {
  readonly routes: WireRoutes;
}

/** HTTP/1.1 over the network, with a pool. */
export interface WireTransport extends Transport {
  readonly pool: PoolStatus;
}

/** The transport that the client uses unless told otherwise; owns `source` and closes it. */
export function createWireTransport(options: WireTransportOptions): WireTransport {
  return new PooledTransport(options);
}

class PooledTransport implements WireTransport {
  readonly #source: ConnectorSource;
  readonly pool: PoolStatus;
  readonly #pool: Pool;
  readonly #routes: WireRoutes;
  #origin: OriginPool | null = null;
  #order = 0;
  #isClosed = false;

  constructor(options: WireTransportOptions) {
    const { source, limits = {}, responseLimits = {}, clock = systemClock, shared } = options;
    this.#source = source;
    this.#pool = new Pool({ source, limits, responseLimits, clock, ...shared });
    this.#routes = shared?.routes ?? new WireRoutes(source, this.#pool.keepsConnections);
    this.pool = statusOf(this.#pool);
  }

  send(request: ClientRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      this.sendTo(request, { answered: resolve, failed: reject });
    });
  }

  sendTo(request: ClientRequest, receiver: ResponseReceiver): void {
    try {
      this.#enqueue(request, receiver);
    } catch (error) {
      receiver.failed(error as Error);
    }
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    this.#pool.close();
    this.#source.close();
    return Promise.resolve();
  }

  #enqueue(request: ClientRequest, receiver: ResponseReceiver): void {
    if (this.#isClosed) throw closedError(request);
    const { signal } = request;
    if (signal?.aborted === true) {
      throw AbortedError.of(signal, request.method, request.url.href);
    }
    const { key, heads } = this.#routes.routeTo(request.url);
    const origin = this.#originFor(key);
    this.#order += 1;
    const exchange = new Exchange(request, heads, origin, this.#order, receiver);
    this.#pool.watch(request.timeouts);
    origin.enqueue(exchange);
  }

  /** Most requests go where the last one went. */
  #originFor(key: string): OriginPool {
    const last = this.#origin;
    if (last !== null && last.key === key && !last.isRetired) return last;
    return (this.#origin = this.#pool.originFor(key));
  }
}
