// Hot: `send` and `flush` run for every message. Allocates nothing beyond what the encoder does, while the client reads.
// The connection corks while it feeds its decoder, so that the answers of one read leave in one write.
// Guarded by bench/src/server-websocket.ts.
import type { Link } from '@needletail/wire';
import { FrameEncoder, type MessageDeflate } from '@needletail/wire/websocket';
import { WebSocketError } from './websocket-error.ts';
import { broadcastQueue, soonQueue, type Flushable } from './flush-queue.ts';
import type { SendResult } from './server-websocket.ts';
import type { SharedMessage } from './shared-message.ts';
import type { BackpressurePolicy } from './websocket-options.ts';

export interface OutboxLimits {
  readonly maxBackpressureBytes: number;
  readonly backpressure: BackpressurePolicy;
}

interface WaitingSend {
  readonly message: string | Uint8Array;
  readonly resolve: (result: SendResult) => void;
}

/** From here on waiting for the end of the turn would only delay. */
const FLUSH_AT_BYTES = 65_536;
/** Sends that may wait for room: a program that has more does not await them. */
const MOST_WAITING = 1024;

/** The sending half of a connection: frames that wait for their write, and what becomes of messages nobody reads. */
export class SocketOutbox implements Flushable {
  readonly #link: Link;
  readonly #encoder: FrameEncoder;
  readonly #deflate: MessageDeflate | null;
  readonly #limits: OutboxLimits;
  readonly #tooSlow: () => void;
  /** The link has not sent what it was given last. */
  #isBlocked = false;
  #blockedBytes = 0;
  #isCorked = false;
  /** The sending half of the link is closed, or the link is gone. */
  #isEnded = false;
  /** Of the newest ping, while nothing can be written (RFC 6455 §5.5.3). */
  #owedPong: Buffer | null = null;
  #waiting: WaitingSend[] = [];
  /** The answer to the handshake, until it is written. */
  #opening: string;
  /** Somebody was told that the client does not keep up, and will want to know when it has. */
  #hasToldSo = false;
  droppedMessages = 0;

  /** `tooSlow` is called for a client that the policy `close` is to be carried out on. */
  constructor(
    link: Link,
    opening: string,
    deflate: MessageDeflate | null,
    limits: OutboxLimits,
    tooSlow: () => void,
  ) {
    this.#link = link;
    this.#opening = opening;
    this.#encoder = new FrameEncoder('server', deflate);
    this.#deflate = deflate;
    this.#limits = limits;
    this.#tooSlow = tooSlow;
  }

  get bufferedBytes(): number {
    return this.#encoder.pendingBytes + this.#blockedBytes;
  }

  /** Whether a close frame was sent or the connection is gone: no message can be sent any more. */
  get isClosed(): boolean {
    return this.#isEnded || this.#encoder.isClosed;
  }

  send(message: string | Uint8Array): SendResult | Promise<SendResult> {
    if (this.isClosed) return 'closed';
    if (this.#isBlocked && !this.#hasRoomFor(message.length)) return this.#overflow(message);
    this.#encode(message);
    if (this.#isBlocked) return this.#queued();
    this.#flushSoon();
    return 'sent';
  }

  /** As `send`, for a message that goes to many; what finds no room is left out under every policy but `close`. */
  sendShared(message: SharedMessage): SendResult {
    if (this.isClosed) return 'closed';
    const frame = message.frame(this.#deflate);
    if (this.#isBlocked && !this.#hasRoomFor(frame.length)) return this.#leaveOut();
    this.#encoder.encoded(frame);
    if (this.#isBlocked) return this.#queued();
    if (this.#encoder.pendingBytes >= FLUSH_AT_BYTES) this.flush();
    else if (!this.#isCorked) broadcastQueue.add(this);
    return 'sent';
  }

  ping(payload?: Uint8Array): void {
    if (this.isClosed) return;
    this.#encoder.ping(payload);
    this.#flushSoon();
  }

  /** While the client does not read, only its newest ping is answered. */
  pong(bytes: Buffer, start: number, end: number): void {
    if (this.isClosed) return;
    const payload = bytes.subarray(start, end);
    if (this.#isBlocked) {
      this.#owedPong = Buffer.from(payload);
    } else {
      this.#encoder.pong(payload);
      this.#flushSoon();
    }
  }

  /** Sends the last frame; throws FrameEncodeError for what it must not say. */
  close(code?: number, reason?: string): void {
    if (this.isClosed) return;
    this.#encoder.close(code, reason);
    this.#settleWaiting('closed');
    this.#flushSoon();
  }

  /** Forgets what waits and was not given to the link, as for a client that would never get it. */
  forget(): void {
    if (!this.isClosed) this.#encoder.discard();
  }

  /** Holds writes back until `uncork`. */
  cork(): void {
    this.#isCorked = true;
  }

  uncork(): void {
    this.#isCorked = false;
    this.flush();
  }

  flush(): void {
    if (this.#isBlocked || this.#isEnded) return;
    this.#write();
  }

  /** The link has sent all it was given; whether everything has left now that somebody was told to wait for. */
  drained(): boolean {
    this.#isBlocked = false;
    this.#blockedBytes = 0;
    if (this.#owedPong !== null && !this.isClosed) this.#encoder.pong(this.#owedPong);
    this.#owedPong = null;
    this.flush();
    while (this.#waiting.length > 0 && !this.isClosed && !this.#isBlocked) {
      const { message, resolve } = this.#waiting.shift()!;
      this.#encode(message);
      resolve('sent');
      if (this.#encoder.pendingBytes >= FLUSH_AT_BYTES || this.#waiting.length === 0) this.flush();
    }
    if (this.#isBlocked || !this.#hasToldSo) return false;
    this.#hasToldSo = false;
    return true;
  }

  /** Gives the link all there is and closes the sending half. */
  end(): void {
    if (this.#isEnded) return;
    this.#write();
    this.drop();
    this.#link.end();
  }

  /** The link is gone or about to be. */
  drop(): void {
    this.#isEnded = true;
    this.#encoder.discard();
    this.#isBlocked = false;
    this.#blockedBytes = 0;
    this.#owedPong = null;
    this.#settleWaiting('closed');
  }

  #hasRoomFor(sizeBytes: number): boolean {
    return (
      this.#waiting.length === 0 &&
      this.bufferedBytes + sizeBytes <= this.#limits.maxBackpressureBytes
    );
  }

  #encode(message: string | Uint8Array): void {
    if (typeof message === 'string') this.#encoder.text(message);
    else this.#encoder.binary(message);
  }

  #flushSoon(): void {
    if (this.#isBlocked) return;
    if (this.#encoder.pendingBytes >= FLUSH_AT_BYTES) this.flush();
    else if (!this.#isCorked) soonQueue.add(this);
  }

  #write(): void {
    if (this.#opening !== '') return this.#writeOpening();
    const { pendingBytes } = this.#encoder;
    if (pendingBytes === 0 || this.#encoder.flush(this.#link)) return;
    this.#isBlocked = true;
    this.#blockedBytes += pendingBytes;
  }

  /** Joined with the first frames, if there are any by now. */
  #writeOpening(): void {
    const opening = this.#opening;
    const link = this.#link;
    this.#opening = '';
    if (this.#encoder.pendingBytes === 0) return void link.write(opening);
    const { pendingBytes } = this.#encoder;
    const isTaken = this.#encoder.flush({
      write: (data) => link.writeAll([opening, data]),
      writeAll: (pieces) => link.writeAll([opening, ...pieces]),
    });
    if (isTaken) return;
    this.#isBlocked = true;
    this.#blockedBytes += pendingBytes;
  }

  #overflow(message: string | Uint8Array): SendResult | Promise<SendResult> {
    if (this.#limits.backpressure !== 'wait') return this.#leaveOut();
    if (this.#waiting.length < MOST_WAITING) {
      return new Promise((resolve) => this.#waiting.push({ message, resolve }));
    }
    return Promise.reject(
      new WebSocketError({
        code: 'TOO_MANY_WAITING',
        problem: 'Message not sent',
        reason: `${MOST_WAITING} wait for the client to read already`,
        remedy: 'Await what send returns before sending more',
      }),
    );
  }

  #queued(): SendResult {
    this.#hasToldSo = true;
    return 'queued';
  }

  #leaveOut(): SendResult {
    this.#hasToldSo = true;
    this.droppedMessages += 1;
    if (this.#limits.backpressure === 'close') this.#tooSlow();
    return 'dropped';
  }

  #settleWaiting(result: SendResult): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve(result);
  }
}
