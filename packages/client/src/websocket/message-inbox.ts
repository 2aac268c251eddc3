/** What arrives on a WebSocket: text as a string, anything else as bytes. */
export type WebSocketMessage = string | Buffer;

/** What the inbox asks of the connection when its reader is slow. */
export interface InboxFlow {
  pause(): void;
  resume(): void;
}

type Result = IteratorResult<WebSocketMessage, undefined>;

interface Reader {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

const PAUSE_ABOVE_BYTES = 65_536;
const RESUME_BELOW_BYTES = 16_384;
/** A message costs memory even when it is empty. */
const MESSAGE_BYTES = 64;
/** The front of the queue is cut off in blocks, since `shift` moves all that is behind. */
const CUT_AT = 1024;

/** Messages between a connection that pushes and a reader that pulls; holds the connection back at 64 KiB. */
export class MessageInbox {
  readonly #flow: InboxFlow;
  #messages: WebSocketMessage[] = [];
  #sizes: number[] = [];
  #front = 0;
  #waitingBytes = 0;
  #readers: Reader[] = [];
  #isPaused = false;
  #isEnded = false;
  #error: Error | null = null;

  constructor(flow: InboxFlow) {
    this.#flow = flow;
  }

  /** Whether more waits than the reader should have to; the connection was paused then. */
  get isFull(): boolean {
    return this.#waitingBytes > PAUSE_ABOVE_BYTES;
  }

  push(message: WebSocketMessage, sizeBytes: number): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) return reader.resolve({ done: false, value: message });
    this.#messages.push(message);
    this.#sizes.push(sizeBytes + MESSAGE_BYTES);
    this.#waitingBytes += sizeBytes + MESSAGE_BYTES;
    if (this.#isPaused || !this.isFull) return;
    this.#isPaused = true;
    this.#flow.pause();
  }

  /** No more will come; what waits is still read, then the reader hears of `error`, once, or of the end. */
  end(error: Error | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) this.#settle(reader);
  }

  /** The next message without waiting, or undefined. */
  shift(): WebSocketMessage | undefined {
    if (this.#front === this.#messages.length) return undefined;
    const message = this.#messages[this.#front];
    this.#waitingBytes -= this.#sizes[this.#front];
    this.#front += 1;
    if (this.#front === this.#messages.length || this.#front === CUT_AT) {
      this.#messages.splice(0, this.#front);
      this.#sizes.splice(0, this.#front);
      this.#front = 0;
    }
    if (this.#isPaused && this.#waitingBytes < RESUME_BELOW_BYTES) {
      this.#isPaused = false;
      if (!this.#isEnded) this.#flow.resume();
    }
    return message;
  }

  next(): Promise<Result> {
    const message = this.shift();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject };
      if (this.#isEnded) this.#settle(reader);
      else this.#readers.push(reader);
    });
  }

  #settle(reader: Reader): void {
    const error = this.#error;
    this.#error = null;
    if (error === null) reader.resolve({ done: true, value: undefined });
    else reader.reject(error);
  }
}
