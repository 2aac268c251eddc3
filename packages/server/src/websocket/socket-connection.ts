// Hot: `onBytes`, `receive` and `send` run for every read or message and allocate nothing.
// The link is the connection's own from the handshake on: nobody else writes to it.
// Guarded by bench/src/server-websocket.ts.
import type { Link, LinkHandler } from '@needletail/wire';
import {
  CLOSE_ABNORMAL,
  CLOSE_GOING_AWAY,
  CLOSE_INTERNAL_ERROR,
  CLOSE_NO_STATUS,
  CLOSE_NORMAL,
  CLOSE_POLICY,
  FrameDecoder,
  FrameError,
  type DeflateAgreement,
} from '@needletail/wire/websocket';
import { checkClose, checkPing } from './control-frames.ts';
import { MessageStream } from './message-stream.ts';
import { ServerWebSocket, type SendResult, type SocketControl } from './server-websocket.ts';
import type { SharedMessage } from './shared-message.ts';
import { SocketInbox, type InboxOwner } from './socket-inbox.ts';
import { SocketOutbox } from './socket-outbox.ts';
import type { HubMember, TopicHub } from './topic-hub.ts';
import type { WebSocketSettings } from './websocket-settings.ts';

const OPEN = 0;
/** We have sent a close frame and wait for the client's. */
const CLOSING = 1;
/** Its handlers have been told; our half of the link is closed, the client's may not be. */
const OVER = 2;

/** What a client may send after the end before it is dropped: a reset could take our close frame with it. */
const MOST_DISCARDED_BYTES = 8 * 1024 * 1024;

/** What a handshake ended in. */
export interface AcceptedSocket {
  readonly data: unknown;
  readonly protocol: string;
  readonly remoteAddress: string;
  readonly deflate: DeflateAgreement | null;
  /** The 101, which is still to be written. */
  readonly opening: string;
}

/**
 * One WebSocket on its link: what it may send and be sent in each state, and when it ends.
 *
 *   open ──close──▶ closing ──close of the client──▶ over ──▶ gone
 *     └── close of the client, broken rule, handler that failed ──▲      lost: straight to gone
 */
export class SocketConnection implements LinkHandler, InboxOwner, SocketControl, HubMember {
  readonly socket: ServerWebSocket;
  readonly #link: Link;
  readonly #settings: WebSocketSettings;
  readonly #hub: TopicHub;
  readonly #decoder: FrameDecoder;
  readonly #inbox: SocketInbox;
  readonly #outbox: SocketOutbox;
  #state: typeof OPEN | typeof CLOSING | typeof OVER = OPEN;
  #topics: Set<string> | null = null;
  #stream: MessageStream | null = null;
  #discardedBytes = 0;
  /** When the client last sent anything, or took all that it was sent. */
  #aliveMs: number;
  #messageMs: number;
  /** When a ping went out that nothing has come after; -1 for none. */
  #pingedMs = -1;
  /** Since when it is closing or over. */
  #sinceMs = 0;

  constructor(link: Link, accepted: AcceptedSocket, settings: WebSocketSettings, hub: TopicHub) {
    const deflate = accepted.deflate === null ? null : settings.deflateFor(accepted.deflate);
    this.#link = link;
    this.#settings = settings;
    this.#hub = hub;
    this.#outbox = new SocketOutbox(link, accepted.opening, deflate, settings, () =>
      this.#tooSlow(),
    );
    this.#inbox = new SocketInbox(this, settings.maxPendingMessages);
    this.#decoder = new FrameDecoder('server', this.#inbox, settings.messageLimits, deflate);
    this.socket = new ServerWebSocket<unknown>(this, accepted);
    hub.join(this);
    this.#aliveMs = hub.nowMs;
    this.#messageMs = hub.nowMs;
  }

  /** Runs the handler `open` and writes the answer to the handshake, with what that sent. */
  start(): void {
    this.#outbox.cork();
    this.#call(() => this.#settings.handlers.open?.(this.socket));
    this.#outbox.uncork();
  }

  onOpen(): void {
    // The link was open before it became a WebSocket.
  }

  onBytes(buffer: Buffer, end: number): void {
    if (this.#state === OVER) return this.#discard(end);
    this.#noteAlive();
    this.#outbox.cork();
    try {
      this.#decoder.feed(buffer, 0, end);
    } catch (error) {
      this.#outbox.uncork();
      return this.#broken(error);
    }
    this.#outbox.uncork();
  }

  onDrain(): void {
    this.#noteAlive();
    if (!this.#outbox.drained() || this.#state !== OPEN) return;
    this.#call(() => this.#settings.handlers.drain?.(this.socket));
  }

  onEnd(): void {
    if (this.#state !== OVER && !this.#inbox.isClosing) this.terminate();
  }

  onClose(): void {
    this.#outbox.drop();
    this.#finish(CLOSE_ABNORMAL, '');
    this.#hub.leave(this);
  }

  receive(message: string | Buffer): unknown {
    this.#messageMs = this.#hub.nowMs;
    if (this.#stream !== null) return this.#stream.push(message);
    return this.#settings.handlers.message?.(this.socket, message, typeof message !== 'string');
  }

  handlerFailed(error: unknown): void {
    this.#report(error);
    if (this.#state === OPEN) this.#breakOff(CLOSE_INTERNAL_ERROR, '');
  }

  pinged(bytes: Buffer, start: number, end: number): void {
    this.#outbox.pong(bytes, start, end);
  }

  /** Echoed unless it is an echo itself; then it is the server who closes the link (RFC 6455 §7.1.1). */
  peerCloses(code: number, reason: string): void {
    this.#outbox.close(code === CLOSE_NO_STATUS ? undefined : code);
    this.#end(code, reason);
  }

  holdReading(): void {
    if (this.#state === OPEN) this.#link.pause();
  }

  releaseReading(): void {
    this.#link.resume();
  }

  get readyState(): 'open' | 'closing' | 'closed' {
    if (this.#state === OPEN) return this.#outbox.isClosed ? 'closing' : 'open';
    return this.#state === CLOSING ? 'closing' : 'closed';
  }

  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes;
  }

  get droppedMessages(): number {
    return this.#outbox.droppedMessages;
  }

  send(message: string | Uint8Array): SendResult | Promise<SendResult> {
    return this.#outbox.send(message);
  }

  sendShared(message: SharedMessage): SendResult {
    return this.#outbox.sendShared(message);
  }

  ping(payload: Uint8Array | undefined): void {
    if (payload !== undefined) checkPing(payload);
    this.#outbox.ping(payload);
  }

  close(code: number = CLOSE_NORMAL, reason = ''): void {
    checkClose(code, reason);
    if (this.#state !== OPEN) return;
    this.#outbox.close(code, reason);
    this.#state = CLOSING;
    this.#sinceMs = this.#hub.nowMs;
    this.#inbox.awaitClose();
  }

  terminate(): void {
    this.#outbox.drop();
    this.#finish(CLOSE_ABNORMAL, '');
    this.#link.destroy();
  }

  subscribe(topic: string): void {
    if (this.#state === OVER) return;
    this.#topics ??= new Set();
    this.#topics.add(topic);
    this.#hub.subscribe(this, topic);
  }

  unsubscribe(topic: string): void {
    if (this.#topics?.delete(topic) === true) this.#hub.unsubscribe(this, topic);
  }

  topics(): readonly string[] {
    return this.#topics === null ? [] : [...this.#topics];
  }

  publish(topic: string, message: string | Uint8Array): number {
    return this.#hub.publish(topic, message, { except: this.socket });
  }

  messages(): AsyncIterator<string | Buffer, undefined> {
    if (this.#stream === null) {
      this.#stream = new MessageStream();
      if (this.#state === OVER) this.#stream.end();
    }
    return this.#stream;
  }

  check(nowMs: number): void {
    const { closeTimeoutMs, idleTimeoutMs } = this.#settings;
    if (this.#state !== OPEN) {
      if (nowMs - this.#sinceMs >= closeTimeoutMs) this.terminate();
    } else if (this.#inbox.isHolding) {
      // It may have sent what we do not read yet.
      this.#noteAlive();
      this.#messageMs = nowMs;
    } else if (idleTimeoutMs > 0 && nowMs - this.#messageMs >= idleTimeoutMs) {
      this.close(CLOSE_GOING_AWAY, 'idle');
    } else this.#checkAlive(nowMs);
  }

  #noteAlive(): void {
    this.#aliveMs = this.#hub.nowMs;
    this.#pingedMs = -1;
  }

  #checkAlive(nowMs: number): void {
    const { pingIntervalMs, pongTimeoutMs } = this.#settings;
    if (pingIntervalMs === 0) return;
    if (this.#pingedMs === -1) {
      if (nowMs - this.#aliveMs < pingIntervalMs) return;
      this.#pingedMs = nowMs;
      this.#outbox.ping();
    } else if (nowMs - this.#pingedMs >= pongTimeoutMs) this.terminate();
  }

  #broken(error: unknown): void {
    if (error instanceof FrameError) return this.#breakOff(error.closeCode, error.code);
    this.handlerFailed(error);
  }

  /** Tells the client why, and ends (RFC 6455 §7.1.7). */
  #breakOff(code: number, reason: string): void {
    if (this.#state === OVER) return;
    this.#outbox.close(code, reason);
    this.#end(code, reason);
  }

  #end(code: number, reason: string): void {
    this.#outbox.end();
    this.#finish(code, reason);
  }

  /** What waits is given up; the close frame may still reach a client that begins to read. */
  #tooSlow(): void {
    const reason = 'too slow';
    this.#outbox.forget();
    this.#outbox.close(CLOSE_POLICY, reason);
    // Whoever published is in the middle of its work: no handler runs before that is done.
    queueMicrotask(() => this.#breakOff(CLOSE_POLICY, reason));
  }

  /** The one end of it all for the application. */
  #finish(code: number, reason: string): void {
    if (this.#state === OVER) return;
    this.#state = OVER;
    this.#sinceMs = this.#hub.nowMs;
    for (const topic of this.#topics ?? []) this.#hub.unsubscribe(this, topic);
    this.#topics = null;
    this.#inbox.stop();
    this.#stream?.end();
    this.#call(() => this.#settings.handlers.close?.(this.socket, code, reason));
  }

  /** Runs a handler other than `message`. */
  #call(handler: () => unknown): void {
    try {
      const outcome = handler();
      if (typeof outcome === 'object' && outcome !== null && 'then' in outcome) {
        (outcome as PromiseLike<unknown>).then(undefined, (error: unknown) =>
          this.handlerFailed(error),
        );
      }
    } catch (error) {
      this.handlerFailed(error);
    }
  }

  #report(error: unknown): void {
    const { handlers } = this.#settings;
    if (handlers.error === undefined) return this.#hub.report(error, this.socket);
    try {
      handlers.error(this.socket, error);
    } catch (second) {
      this.#hub.report(second, this.socket);
    }
  }

  #discard(sizeBytes: number): void {
    this.#discardedBytes += sizeBytes;
    if (this.#discardedBytes > MOST_DISCARDED_BYTES) this.#link.destroy();
  }
}
