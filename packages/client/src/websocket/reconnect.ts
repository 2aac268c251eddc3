import { systemClock, type TimerHandle } from '@needletail/wire';
import {
  AbortedError,
  ConnectTimeoutError,
  ConnectError,
  ProxyError,
  UsageError,
  WebSocketError,
} from '../errors.ts';
import type { CloseInfo } from './close-wait.ts';
import { connectWebSocket } from './connect.ts';
import type { WebSocketMessage } from './message-inbox.ts';
import type { WebSocketConnection } from './websocket-connection.ts';
import { notOpen } from './websocket-failure.ts';
import type { WebSocketOptions } from './websocket-options.ts';

export interface ReconnectOptions extends WebSocketOptions {
  /** The first pause, doubled each time; 500 unless set. */
  readonly minMs?: number;
  /** No pause is longer; 30 000 unless set. */
  readonly maxMs?: number;
  /** Tries in a row that may fail before the last failure is thrown; no limit unless set. */
  readonly maxAttempts?: number;
  /** Called with each connection before its messages are delivered, the first one too: subscribe here. */
  readonly onReconnect?: (connection: WebSocketConnection, count: number) => void | Promise<void>;
  /**
   * Whether another connection should follow one that ended. Unless set: after a loss without a close frame, and after
   * the codes 1001, 1011, 1012, 1013 and 1014, with which a server says that it will be back.
   */
  readonly shouldReconnect?: (info: CloseInfo) => boolean;
  /** From 0 up to 1; each pause is drawn between half and the whole of itself. */
  readonly random?: () => number;
}

const DEFAULT_MIN_MS = 500;
const DEFAULT_MAX_MS = 30_000;
const TEMPORARY_CODES: ReadonlySet<number> = new Set([1001, 1011, 1012, 1013, 1014]);
const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * A WebSocket that connects again when it is lost. Read it with `for await`: the loop goes on over all connections, ends
 * when the server has closed for good or after `close`, and leaving it closes.
 *
 * Nothing is repeated. What was sent and not processed when a connection broke is lost, and so is what the server sent
 * between two connections: where that matters, number messages and ask for what is missing in `onReconnect`.
 */
export function reconnectingWebSocket(
  url: string | URL,
  options: ReconnectOptions = {},
): ReconnectingWebSocket {
  return new ReconnectingWebSocket(url, options);
}

/** Made by `reconnectingWebSocket`. */
export class ReconnectingWebSocket implements AsyncIterable<WebSocketMessage> {
  readonly #url: string;
  readonly #options: ReconnectOptions;
  readonly #messages: AsyncGenerator<WebSocketMessage, undefined>;
  readonly #stop = new AbortController();
  #connection: WebSocketConnection | null = null;
  #count = 0;
  /** Failures in a row. */
  #failures = 0;

  constructor(url: string | URL, options: ReconnectOptions) {
    this.#url = `${url as string}`;
    this.#options = options;
    this.#messages = this.#read();
  }

  /** The one in use; null while there is none. */
  get connection(): WebSocketConnection | null {
    return this.#connection;
  }

  /** As that of the connection; throws WebSocketError NOT_OPEN while there is none. */
  send(data: string | Uint8Array): boolean {
    if (this.#connection === null) throw notOpen(this.#url);
    return this.#connection.send(data);
  }

  /** Ends the connection and the loop; also a try that is under way. */
  async close(code?: number, reason?: string): Promise<void> {
    await this.#connection?.close(code, reason);
    this.#stop.abort();
  }

  /** One reading only: a second loop goes on where the first stopped, or finds the end. */
  [Symbol.asyncIterator](): AsyncIterator<WebSocketMessage, undefined> {
    return this.#messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#read(): AsyncGenerator<WebSocketMessage, undefined> {
    const { clock = systemClock } = this.#options;
    try {
      for (;;) {
        const connection = await this.#connect();
        if (connection === null) return;
        const openedAt = clock.now();
        yield* this.#readOne(connection);
        const info = await connection.closed;
        this.#connection = null;
        if (this.#isStopped || !this.#shouldReconnect(info)) {
          if (info.error === null || this.#isStopped) return;
          throw info.error;
        }
        // A connection that did not last counts as another failure, so that one closed at once is not tried at once.
        this.#failures = clock.now() - openedAt >= this.#longestPauseMs ? 0 : this.#failures + 1;
        if (this.#failures > this.#maxAttempts) throw info.error ?? closedAgain(this.#url, info);
        await this.#pause();
      }
    } finally {
      await this.close();
    }
  }

  async *#readOne(connection: WebSocketConnection): AsyncGenerator<WebSocketMessage, undefined> {
    await this.#options.onReconnect?.(connection, this.#count);
    const reader = connection[Symbol.asyncIterator]();
    for (;;) {
      let next: IteratorResult<WebSocketMessage, undefined>;
      try {
        next = await reader.next();
      } catch {
        // `closed` holds the same error, and what to do about it.
        return;
      }
      if (next.done === true) return;
      yield next.value;
    }
  }

  /** Tries until there is a connection; null when it was stopped. */
  async #connect(): Promise<WebSocketConnection | null> {
    for (;;) {
      if (this.#isStopped) return null;
      try {
        const connection = await connectWebSocket(this.#url, {
          ...this.#options,
          signal: this.#signal,
        });
        this.#count += 1;
        this.#connection = connection;
        return connection;
      } catch (error) {
        if (this.#stop.signal.aborted) return null;
        this.#failures += 1;
        if (!isTemporary(error) || this.#failures > this.#maxAttempts) throw error;
      }
      await this.#pause();
    }
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted;
  }

  get #maxAttempts(): number {
    return this.#options.maxAttempts ?? Infinity;
  }

  get #signal(): AbortSignal {
    const { signal } = this.#options;
    return signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
  }

  get #longestPauseMs(): number {
    const { minMs = DEFAULT_MIN_MS, maxMs = DEFAULT_MAX_MS } = this.#options;
    return Math.min(maxMs, minMs * 2 ** Math.max(0, this.#failures - 1));
  }

  #shouldReconnect(info: CloseInfo): boolean {
    const { shouldReconnect, signal } = this.#options;
    if (signal?.aborted === true) return false;
    if (shouldReconnect !== undefined) return shouldReconnect(info);
    return info.wasClean ? TEMPORARY_CODES.has(info.code) : isTemporary(info.error);
  }

  /** Throws AbortedError when the caller's signal ends it, and returns when `close` does. */
  async #pause(): Promise<void> {
    const { clock = systemClock, random = Math.random, signal } = this.#options;
    const delayMs = this.#longestPauseMs * (0.5 + random() / 2);
    const any = this.#signal;
    let timer: TimerHandle;
    await new Promise<void>((resolve) => {
      timer = clock.setTimer(delayMs, resolve);
      any.addEventListener('abort', () => resolve(), { once: true });
      if (any.aborted) resolve();
    });
    clock.clearTimer(timer);
    if (signal?.aborted === true) throw AbortedError.of(signal, 'GET', this.#url);
  }
}

/** Whether trying again can help. */
function isTemporary(error: unknown): boolean {
  if (error instanceof UsageError || error instanceof AbortedError) return false;
  if (error instanceof WebSocketError) {
    if (error.code === 'HANDSHAKE_REFUSED') return TEMPORARY_STATUSES.has(error.status ?? 0);
    return TEMPORARY_FAILURES.has(error.code);
  }
  return (
    error instanceof ConnectError ||
    error instanceof ConnectTimeoutError ||
    error instanceof ProxyError
  );
}

const TEMPORARY_FAILURES: ReadonlySet<string> = new Set([
  'ABNORMAL_CLOSE',
  'PONG_TIMEOUT',
  'HANDSHAKE_TIMEOUT',
]);

function closedAgain(url: string, { code }: CloseInfo): WebSocketError {
  return new WebSocketError(
    {
      code: 'ABNORMAL_CLOSE',
      reason: `the server closed it again with ${code}`,
      remedy: 'Check what the server logged, or raise maxAttempts',
      url,
    },
    { closeCode: code },
  );
}
