// Hot: runs for every message received. Allocates the message, and nothing else for a handler that returns no promise.
// The decoder lends its bytes for the call: what is handed on is a string or bytes of its own.
// Guarded by bench/src/server-websocket.ts.
import { decodeText, type FrameSink } from '@needletail/wire/websocket';

/** Whose messages these are. */
export interface InboxOwner {
  /** Hands a message to the application. */
  receive(message: string | Buffer): unknown;
  /** What that threw, or the promise it returned was rejected with. */
  handlerFailed(error: unknown): void;
  pinged(bytes: Buffer, start: number, end: number): void;
  /** After the last message before the close frame was handed over. */
  peerCloses(code: number, reason: string): void;
  /** Reading is to stop until `releaseReading`. */
  holdReading(): void;
  releaseReading(): void;
}

/** Of messages whose handlers are under way; one that is larger is alone. */
const MOST_PENDING_BYTES = 1024 * 1024;
/** What may wait once nothing can be held back any more, in bytes. */
const LAST_BYTES = 65_536;
/** A message costs memory even when it is empty. */
const MESSAGE_BYTES = 64;

/**
 * The receiving half of a connection: hands messages over in order, and holds the client back while too many handlers are
 * under way. What was read by then waits here: one read and one message at most.
 */
export class SocketInbox implements FrameSink {
  readonly #owner: InboxOwner;
  readonly #maxPending: number;
  #pending = 0;
  #pendingBytes = 0;
  #queue: (string | Buffer)[] = [];
  #front = 0;
  #queuedBytes = 0;
  #isHolding = false;
  /** Reading goes on whatever happens: the close frame of the client is awaited. */
  #mayHold = true;
  #isStopped = false;
  #close: { readonly code: number; readonly reason: string } | null = null;

  constructor(owner: InboxOwner, maxPending: number) {
    this.#owner = owner;
    this.#maxPending = maxPending;
  }

  onText(bytes: Buffer, start: number, end: number, isAscii: boolean): void {
    this.#take(decodeText(bytes, start, end, isAscii));
  }

  onBinary(bytes: Buffer, start: number, end: number, isOwned: boolean): void {
    const view = bytes.subarray(start, end);
    this.#take(isOwned ? view : Buffer.from(view));
  }

  onPing(bytes: Buffer, start: number, end: number): void {
    if (!this.#isStopped) this.#owner.pinged(bytes, start, end);
  }

  onPong(): void {
    // That bytes came is all that counts.
  }

  onClose(code: number, reason: string): void {
    if (this.#isStopped) return;
    this.#close = { code, reason };
    this.#passClose();
  }

  /** Whether a close frame came and waits for the messages before it. */
  get isClosing(): boolean {
    return this.#close !== null;
  }

  /** Whether the client is held back. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** We have sent a close frame: what comes before the client's is delivered while there is room for it. */
  awaitClose(): void {
    this.#mayHold = false;
    this.#release();
    this.#passClose();
  }

  /** Nothing is delivered any more. */
  stop(): void {
    this.#isStopped = true;
    this.#mayHold = false;
    this.#queue = [];
    this.#front = 0;
    this.#release();
  }

  get #isEmpty(): boolean {
    return this.#front === this.#queue.length;
  }

  get #isFull(): boolean {
    return this.#pending >= this.#maxPending || this.#pendingBytes >= MOST_PENDING_BYTES;
  }

  /** A close frame has its turn like a message, so that handlers one after the other can answer, unless we close anyway. */
  get #isCloseDue(): boolean {
    return !this.#isFull || !this.#mayHold;
  }

  #take(message: string | Buffer): void {
    if (this.#isStopped) return;
    if (!this.#isFull && this.#isEmpty) this.#run(message);
    else this.#keep(message);
  }

  #keep(message: string | Buffer): void {
    if (!this.#mayHold && this.#queuedBytes > LAST_BYTES) return;
    this.#queue.push(message);
    this.#queuedBytes += message.length + MESSAGE_BYTES;
  }

  #run(message: string | Buffer): void {
    let outcome: unknown;
    try {
      outcome = this.#owner.receive(message);
    } catch (error) {
      return this.#owner.handlerFailed(error);
    }
    if (typeof outcome === 'object' && outcome !== null && 'then' in outcome) {
      this.#follow(outcome as PromiseLike<unknown>, message.length);
    }
  }

  #follow(outcome: PromiseLike<unknown>, sizeBytes: number): void {
    this.#pending += 1;
    this.#pendingBytes += sizeBytes;
    if (this.#isFull && this.#mayHold && !this.#isHolding) {
      this.#isHolding = true;
      this.#owner.holdReading();
    }
    outcome.then(
      () => this.#ended(sizeBytes),
      (error: unknown) => {
        this.#owner.handlerFailed(error);
        this.#ended(sizeBytes);
      },
    );
  }

  #ended(sizeBytes: number): void {
    this.#pending -= 1;
    this.#pendingBytes -= sizeBytes;
    while (!this.#isEmpty && !this.#isFull) this.#run(this.#shift());
    if (!this.#isEmpty || this.#isStopped) return;
    if (this.#close !== null) this.#passClose();
    else if (!this.#isFull && this.#pending <= this.#maxPending >> 1) this.#release();
  }

  #passClose(): void {
    if (this.#close === null || !this.#isEmpty || !this.#isCloseDue) return;
    const { code, reason } = this.#close;
    this.#close = null;
    this.#owner.peerCloses(code, reason);
  }

  #shift(): string | Buffer {
    const message = this.#queue[this.#front]!;
    this.#queue[this.#front] = '';
    this.#front += 1;
    this.#queuedBytes -= message.length + MESSAGE_BYTES;
    if (this.#isEmpty) {
      this.#queue = [];
      this.#front = 0;
    }
    return message;
  }

  #release(): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#owner.releaseReading();
  }
}
