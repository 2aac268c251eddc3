// Loads node:http2: import it only where HTTP/2 is wanted.
import type { Clock, OpenedSocket } from '@needletail/wire';
import { AbortedError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { RequestUrl } from '../model/request-url.ts';
import { Deadlines, type Watched } from './deadlines.ts';
import type { ConnectionWatch } from './exchange-watch.ts';
import { Http2Exchange } from './http2-exchange.ts';
import { Http2Origin, type OriginOwner } from './http2-origin.ts';
import { closedError } from './pool.ts';
import type { OriginStatus, PoolStatus, Transport, TransportResponse } from './transport.ts';

export interface Http2TransportOptions {
  /** A connected socket, over TLS with `alpn` offered. */
  readonly openSocket: (
    url: RequestUrl,
    alpn: readonly string[],
    signal: AbortSignal,
  ) => Promise<OpenedSocket>;
  readonly alpn: readonly string[];
  /**
   * Gets a TLS socket whose peer did not choose `h2`; the requests that wanted it are rejected with the code
   * HTTP2_NOT_NEGOTIATED. Without it HTTP/2 is spoken all the same.
   */
  readonly onOtherProtocol?: (url: RequestUrl, opened: OpenedSocket) => void;
  readonly maxConnections: number;
  readonly keepAliveExpiryMs: number;
  readonly clock: Clock;
  /** Its own unless set. */
  readonly deadlines?: Deadlines;
  /** False keeps a request that the server did not process from going out again; true unless set. */
  readonly mayResend?: boolean;
  readonly watch?: ConnectionWatch | null;
}

/** HTTP/2 (RFC 9113) over `node:http2`: one session per origin, as many streams on it as the server allows. */
export class Http2Transport implements Transport, OriginOwner, Watched {
  isWatched = false;
  readonly options: Http2TransportOptions;
  readonly #origins = new Map<string, Http2Origin>();
  readonly #deadlines: Deadlines;
  #opened = 0;
  #reused = 0;
  #isClosed = false;

  constructor(options: Http2TransportOptions) {
    this.options = options;
    this.#deadlines = options.deadlines ?? new Deadlines(options.clock);
  }

  get pool(): PoolStatus {
    const origins: Record<string, OriginStatus> = {};
    const total = { open: 0, active: 0, idle: 0, waiting: 0, connecting: 0 };
    for (const [key, origin] of this.#origins) {
      const { status } = origin;
      origins[key] = status;
      total.open += status.open;
      total.active += status.active;
      total.idle += status.idle;
      total.waiting += status.waiting;
      total.connecting += origin.isConnecting ? 1 : 0;
    }
    return { ...total, reused: this.#reused, opened: this.#opened, origins };
  }

  send(request: ClientRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw closedError(request);
      const { signal, url } = request;
      if (signal?.aborted === true) throw AbortedError.of(signal, request.method, url.href);
      const origin = this.#originOf(url);
      const owner = {
        clock: this.options.clock,
        mayResend: this.options.mayResend ?? true,
        leave: (one: Http2Exchange) => origin.leave(one),
        resend: (one: Http2Exchange) => origin.enqueue(one),
      };
      const exchange = new Http2Exchange(request, owner, resolve, reject);
      this.#deadlines.watch(request.timeouts, this);
      origin.enqueue(exchange);
    });
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    this.#deadlines.leave(this);
    for (const origin of this.#origins.values()) {
      origin.close((exchange) => closedError(exchange.request));
    }
    return Promise.resolve();
  }

  makeRoom(): boolean {
    let connections = 0;
    for (const origin of this.#origins.values()) connections += origin.connections;
    if (connections < this.options.maxConnections) return true;
    // Its place is free when it is closed, and `onFreed` says so.
    for (const origin of this.#origins.values()) if (origin.closeIdle()) break;
    return false;
  }

  onOpened(): void {
    this.#opened += 1;
  }

  onReused(): void {
    this.#reused += 1;
  }

  onFreed(): void {
    if (this.#isClosed) return;
    for (const [key, origin] of this.#origins) {
      if (origin.isUnused) this.#origins.delete(key);
      else origin.dispatch();
    }
  }

  checkDeadlines(nowMs: number): boolean {
    let isBusy = false;
    for (const origin of this.#origins.values()) {
      if (origin.checkDeadlines(nowMs)) isBusy = true;
    }
    return isBusy;
  }

  #originOf(url: RequestUrl): Http2Origin {
    let origin = this.#origins.get(url.origin);
    if (origin === undefined) {
      origin = new Http2Origin(this, url);
      this.#origins.set(url.origin, origin);
    }
    return origin;
  }
}
