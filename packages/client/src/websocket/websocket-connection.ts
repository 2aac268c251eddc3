// Hot: `send` and the handlers of the link run for every message. Allocates the message itself and, now and then, room
// for frames to send.
// The link is its own: nobody else writes to it. What `send` is given is copied before it returns.
// Guarded by bench/src/websocket.ts.
import {
  systemClock,
  type Clock,
  type FieldMap,
  type Link,
  type LinkHandler,
} from '@needletail/wire';
import {
  CLOSE_ABNORMAL,
  CLOSE_NO_STATUS,
  CLOSE_NORMAL,
  decodeText,
  FrameDecoder,
  FrameEncodeError,
  FrameEncoder,
  MessageDeflate,
} from '@needletail/wire/websocket';
import type { WebSocketError } from '../errors.ts';
import { CloseWait, type CloseInfo } from './close-wait.ts';
import { flushThisTurn } from './flush-turn.ts';
import type { OpenedUpgrade } from './handshake.ts';
import { KeepAlive } from './keep-alive.ts';
import { MessageInbox, type WebSocketMessage } from './message-inbox.ts';
import { PingTracker } from './ping-tracker.ts';
import {
  brokenOff,
  closedAbnormally,
  invalidClose,
  notOpen,
  pongMissing,
  sendQueueFull,
} from './websocket-failure.ts';
import type { WebSocketOptions } from './websocket-options.ts';

const OPEN = 0;
/** A close frame was sent or received. */
const CLOSING = 1;
const CLOSED = 2;

/** From here on waiting for the end of the turn would only delay. */
const FLUSH_AT_BYTES = 65_536;
const DEFAULT_MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const DEFAULT_PONG_TIMEOUT_MS = 10_000;
const DEFAULT_CLOSE_TIMEOUT_MS = 5_000;

/**
 * An open WebSocket. Read it with `for await`, which ends when the server has closed and throws when the connection broke;
 * a slow reader holds the server back. Or set `onMessage`, which costs less per message.
 *
 * Leaving the loop does not close: call `close`, or declare the connection with `await using`.
 */
export class WebSocketConnection implements AsyncIterable<WebSocketMessage> {
  /** Without user info. */
  readonly url: string;
  /** What the server chose of `protocols`; empty for none. */
  readonly subprotocol: string;
  /** The header by which the server accepted extensions; empty for none. */
  readonly extensions: string;
  /** Fields of the answer to the handshake. */
  readonly headers: FieldMap;
  readonly #link: Link;
  readonly #encoder: FrameEncoder;
  readonly #decoder: FrameDecoder;
  readonly #inbox: MessageInbox;
  readonly #pings: PingTracker;
  readonly #keepAlive: KeepAlive;
  readonly #closeWait: CloseWait;
  readonly #maxQueuedBytes: number;
  #state: typeof OPEN | typeof CLOSING | typeof CLOSED = OPEN;
  #onMessage: ((message: WebSocketMessage) => void) | null = null;
  #isScheduled = false;
  #isFeeding = false;
  /** The link has not sent what it was given last. */
  #isBlocked = false;
  #blockedBytes = 0;
  #pong: Buffer | null = null;
  #received: { readonly code: number; readonly reason: string } | null = null;
  #drainWaiters: (() => void)[] = [];

  /** Made by `connectWebSocket`. */
  constructor(url: string, opened: OpenedUpgrade, options: WebSocketOptions) {
    const { accepted, headers, link } = opened;
    const clock: Clock = options.clock ?? systemClock;
    const pongTimeoutMs = options.pongTimeoutMs ?? DEFAULT_PONG_TIMEOUT_MS;
    const compression = typeof options.compression === 'object' ? options.compression : {};
    const deflate =
      accepted.deflate === null
        ? null
        : new MessageDeflate('client', accepted.deflate, compression);
    this.url = url;
    this.subprotocol = accepted.protocol;
    this.extensions = accepted.extensions;
    this.headers = headers;
    this.#link = link;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? DEFAULT_MAX_QUEUED_BYTES;
    this.#inbox = new MessageInbox({ pause: () => link.pause(), resume: () => link.resume() });
    this.#encoder = new FrameEncoder('client', deflate);
    this.#decoder = new FrameDecoder(
      'client',
      {
        onText: (bytes, start, end, isAscii) =>
          this.#deliver(decodeText(bytes, start, end, isAscii), end - start),
        onBinary: (bytes, start, end, isOwned) =>
          this.#deliver(
            isOwned ? bytes.subarray(start, end) : Buffer.from(bytes.subarray(start, end)),
            end - start,
          ),
        onPing: (bytes, start, end) => (this.#pong = Buffer.from(bytes.subarray(start, end))),
        onPong: (bytes, start, end) => this.#pings.answered(bytes, start, end),
        onClose: (code, reason) => this.#peerCloses(code, reason),
      },
      options.maxMessageBytes === undefined ? {} : { maxMessageBytes: options.maxMessageBytes },
      deflate,
    );
    this.#pings = new PingTracker({
      clock,
      timeoutMs: pongTimeoutMs,
      send: (payload) => {
        this.#encoder.ping(payload);
        this.#schedule();
      },
      expired: () => pongMissing(this.url, pongTimeoutMs),
    });
    this.#keepAlive = new KeepAlive(clock, options.pingIntervalMs ?? null, () => {
      if (this.#state !== OPEN) return;
      this.#pings.ping().catch((error: WebSocketError) => this.#giveUp(error));
    });
    this.#closeWait = new CloseWait(clock, options.closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS);
  }

  /** For the link, from the handshake on. */
  static handlerOf(connection: WebSocketConnection): LinkHandler {
    return {
      onOpen: () => {},
      onBytes: (buffer, end) => connection.#receive(buffer, end),
      onDrain: () => connection.#drained(),
      onEnd: () => connection.#peerEnded(),
      onClose: (error) => connection.#linkClosed(error),
    };
  }

  /** Settles when the connection is gone, however that came about; never rejects. */
  get closed(): Promise<CloseInfo> {
    return this.#closeWait.closed;
  }

  get isOpen(): boolean {
    return this.#state === OPEN;
  }

  /** Bytes given to `send` that have not left this process. */
  get bufferedBytes(): number {
    return this.#encoder.pendingBytes + this.#blockedBytes;
  }

  /** Gets each message in the read that brought it; null to go back to `for await`. What waits is passed on at once. */
  get onMessage(): ((message: WebSocketMessage) => void) | null {
    return this.#onMessage;
  }

  set onMessage(handler: ((message: WebSocketMessage) => void) | null) {
    this.#onMessage = handler;
    while (this.#onMessage !== null) {
      const message = this.#inbox.shift();
      if (message === undefined) return;
      this.#onMessage(message);
    }
  }

  /**
   * Queues a message, text for a string and binary otherwise; all that is queued in one turn leaves in one write. False
   * means that the network is slower: await `drained()`. Throws WebSocketError NOT_OPEN and SEND_QUEUE_FULL.
   */
  send(data: string | Uint8Array): boolean {
    if (this.#state !== OPEN) throw notOpen(this.url);
    const queuedBytes = this.#encoder.pendingBytes + this.#blockedBytes;
    if (queuedBytes + data.length > this.#maxQueuedBytes)
      throw sendQueueFull(this.url, queuedBytes);
    if (typeof data === 'string') this.#encoder.text(data);
    else this.#encoder.binary(data);
    if (this.#encoder.pendingBytes >= FLUSH_AT_BYTES) this.flush();
    else if (!this.#isFeeding && !this.#isScheduled) this.#schedule();
    return !this.#isBlocked;
  }

  /** Settles when the network has taken all that was sent before; also when the connection ends. */
  drained(): Promise<void> {
    this.flush();
    if (!this.#isBlocked || this.#state === CLOSED) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Writes at once what would leave at the end of the turn. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#isBlocked || this.#state === CLOSED) return;
    const encoder = this.#encoder;
    if (this.#pong !== null && !encoder.isClosed) encoder.pong(this.#pong);
    this.#pong = null;
    const { pendingBytes } = encoder;
    if (pendingBytes === 0 || encoder.flush(this.#link)) return;
    this.#isBlocked = true;
    this.#blockedBytes = pendingBytes;
  }

  /** Milliseconds until the pong; rejects with WebSocketError PONG_TIMEOUT, or as the connection ended. */
  async ping(): Promise<number> {
    if (this.#state !== OPEN) throw notOpen(this.url);
    return this.#pings.ping();
  }

  /**
   * Sends what is queued and a close frame, and waits until the server has closed too, `closeTimeoutMs` at most. What
   * arrives meanwhile is still delivered while there is room for it. `code`: 1000, or 3000 to 4999.
   */
  async close(code: number = CLOSE_NORMAL, reason = ''): Promise<CloseInfo> {
    if (this.#state !== OPEN) return this.closed;
    try {
      this.#encoder.close(code, reason);
    } catch (error) {
      if (error instanceof FrameEncodeError) throw invalidClose(this.url, error);
      throw error;
    }
    this.#beginClosing();
    return this.closed;
  }

  /** Drops the connection at once, with all that is queued. `for await` throws `error`, or WebSocketError ABNORMAL_CLOSE. */
  abort(error?: Error): void {
    this.#giveUp(error ?? closedAbnormally(this.url, 'it was aborted on this side'));
  }

  [Symbol.asyncIterator](): AsyncIterator<WebSocketMessage, undefined> {
    return { next: () => this.#inbox.next() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    flushThisTurn(this);
  }

  #receive(buffer: Buffer, end: number): void {
    if (this.#state === CLOSED) return;
    this.#keepAlive.heard();
    this.#isFeeding = true;
    try {
      this.#decoder.feed(buffer, 0, end);
    } catch (error) {
      this.#isFeeding = false;
      return this.#breakOff(brokenOff(this.url, error));
    }
    this.#isFeeding = false;
    this.flush();
  }

  #deliver(message: WebSocketMessage, sizeBytes: number): void {
    // The handler of the message before may have ended it.
    if (this.#state === CLOSED) return;
    if (this.#onMessage !== null) return this.#onMessage(message);
    // Nobody may be reading any more, and the close frame of the server comes behind all this.
    if (this.#state === OPEN || !this.#inbox.isFull) this.#inbox.push(message, sizeBytes);
  }

  #drained(): void {
    this.#isBlocked = false;
    this.#blockedBytes = 0;
    this.flush();
    if (this.#isBlocked) return;
    for (const resolve of this.#drainWaiters.splice(0)) resolve();
  }

  #beginClosing(): void {
    this.#state = CLOSING;
    this.#keepAlive.stop();
    this.flush();
    this.#link.resume();
    this.#closeWait.start(() => {
      if (this.#received === null) {
        this.#giveUp(closedAbnormally(this.url, 'the server did not answer the close frame'));
      } else {
        this.#finish(null);
        this.#link.destroy();
      }
    });
  }

  /** A close frame came: it is echoed unless it is an echo itself; the server closes the link (RFC 6455 §7.1.1). */
  #peerCloses(code: number, reason: string): void {
    this.#received = { code, reason };
    this.#inbox.end(null);
    if (this.#state !== OPEN) return;
    this.#encoder.close(code === CLOSE_NO_STATUS ? undefined : code);
    this.#beginClosing();
  }

  #peerEnded(): void {
    if (this.#state === CLOSED) return;
    if (this.#received !== null) {
      if (this.#encoder.pendingBytes === 0) return this.#link.end();
      // Nobody is left to read our close frame.
      this.#finish(null);
      return this.#link.destroy();
    }
    const where = this.#decoder.midMessage ? 'in the middle of a message' : 'without a close frame';
    this.#giveUp(closedAbnormally(this.url, `the server closed the connection ${where}`));
  }

  #linkClosed(error: Error | null): void {
    this.#closeWait.stop();
    if (this.#state === CLOSED) return;
    if (this.#received !== null) return this.#finish(null);
    this.#finish(closedAbnormally(this.url, 'the connection was lost', error ?? undefined));
  }

  /** We end it for what the server, or our own handler, did: the server is told why (RFC 6455 §7.1.7). */
  #breakOff(error: WebSocketError): void {
    if (this.#state === CLOSED) return;
    if (!this.#encoder.isClosed) this.#encoder.close(error.closeCode);
    this.flush();
    this.#finish(error);
    this.#link.resume();
    this.#link.end();
    this.#closeWait.start(() => this.#link.destroy());
  }

  #giveUp(error: Error): void {
    if (this.#state === CLOSED) return;
    this.#finish(error);
    this.#link.destroy();
  }

  #finish(error: Error | null): void {
    this.#state = CLOSED;
    this.#encoder.discard();
    this.#blockedBytes = 0;
    this.#keepAlive.stop();
    this.#inbox.end(error);
    this.#pings.fail(error ?? notOpen(this.url));
    for (const resolve of this.#drainWaiters.splice(0)) resolve();
    const { code, reason } = this.#received ?? { code: CLOSE_ABNORMAL, reason: '' };
    const wasClean = error === null;
    this.#closeWait.settle({ code, reason, wasClean, error });
  }
}
