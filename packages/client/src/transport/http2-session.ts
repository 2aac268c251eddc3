import { connect, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock, TimerHandle } from '@needletail/wire';
import type { ExchangeCarrier, Http2Exchange } from './http2-exchange.ts';

/** Bytes of one response that may be on the way to a reader that is slow; they are held for each stream. */
const STREAM_WINDOW_BYTES = 1_048_576;
const CONNECTION_WINDOW_BYTES = 16_777_216;
/** Until the server has said how many it takes (RFC 9113 §6.5.2 recommends no fewer). */
const STREAMS_AT_FIRST = 100;

export interface Http2SessionOptions {
  readonly authority: string;
  readonly socket: Socket;
  readonly clock: Clock;
  readonly keepAliveExpiryMs: number;
  /** There is room for a stream, or will never be again: `isUsable` tells. */
  readonly onChange: () => void;
  readonly onClosed: () => void;
}

/** One HTTP/2 connection: counts its streams, closes when it has idled too long, takes no more after GOAWAY. */
export class Http2Session implements ExchangeCarrier {
  readonly session: ClientHttp2Session;
  readonly #options: Http2SessionOptions;
  #openStreams = 0;
  #carried = 0;
  #isUsable = true;
  #lastStreamId: number | null = null;
  #error: Error | null = null;
  #hasSettings = false;
  #idleTimer: TimerHandle = null;

  constructor(options: Http2SessionOptions) {
    this.#options = options;
    const session = connect(options.authority, {
      createConnection: () => options.socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    this.session = session;
    session.on('connect', () => {
      if (!session.destroyed) session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    });
    session.on('remoteSettings', () => {
      this.#hasSettings = true;
      options.onChange();
    });
    session.on('goaway', (_code, lastStreamId) => {
      this.#lastStreamId = lastStreamId;
      this.#retire();
    });
    session.on('error', (error) => (this.#error ??= error));
    session.on('close', () => {
      this.#retire();
      this.#stopIdleTimer();
      options.onClosed();
    });
    this.#idle();
  }

  get isUsable(): boolean {
    return this.#isUsable && !this.session.closed && !this.session.destroyed;
  }

  get isIdle(): boolean {
    return this.#openStreams === 0;
  }

  /** Whether one more stream may be opened now. */
  get hasRoom(): boolean {
    const { maxConcurrentStreams } = this.session.remoteSettings;
    const limit = this.#hasSettings ? (maxConcurrentStreams ?? Infinity) : STREAMS_AT_FIRST;
    return this.isUsable && this.#openStreams < limit;
  }

  /** Whether the session has carried a request before the one that it was given last. */
  get isReused(): boolean {
    return this.#carried > 1;
  }

  get lastStreamId(): number | null {
    return this.#lastStreamId;
  }

  get error(): Error | null {
    return this.#error;
  }

  carry(exchange: Http2Exchange, onClosed: () => void): void {
    this.#stopIdleTimer();
    if (this.#openStreams === 0) this.session.ref();
    this.#openStreams += 1;
    this.#carried += 1;
    exchange.carry(this, () => {
      onClosed();
      this.#openStreams -= 1;
      if (this.#openStreams === 0) this.#idle();
      this.#options.onChange();
    });
  }

  /** Closes it once its streams are done. */
  close(): void {
    this.#isUsable = false;
    if (!this.session.closed) this.session.close();
  }

  destroy(): void {
    this.#isUsable = false;
    this.session.destroy();
  }

  #idle(): void {
    const { clock, keepAliveExpiryMs } = this.#options;
    if (this.session.destroyed) return;
    this.session.unref();
    if (keepAliveExpiryMs === Infinity) return;
    this.#stopIdleTimer();
    this.#idleTimer = clock.setTimer(keepAliveExpiryMs, () => this.close());
    clock.unrefTimer?.(this.#idleTimer);
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) this.#options.clock.clearTimer(this.#idleTimer);
    this.#idleTimer = null;
  }

  #retire(): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    this.#options.onChange();
  }
}
