import { BodyStateError } from '../errors.ts';

/** The body of a response while it is still arriving, one reader at a time; a `Buffer` stands for one that is here. */
export interface ResponseBody extends AsyncIterable<Buffer> {
  /** Ends the reading early: what is left is drained or the connection is given up. Never throws. */
  cancel(): void;
  /** Bytes read so far as they came, where these are not the bytes that the reader gets. */
  readonly receivedBytes?: number;
}

/** What the source of a body does when its reader is slow, or has had enough. */
export interface BodyFlow {
  pause(): void;
  resume(): void;
  /** Called once, when the reader stops before the end. */
  cancel(): void;
}

const PAUSE_ABOVE_BYTES = 65_536;
const RESUME_BELOW_BYTES = 16_384;

/**
 * Carries a body from a source that pushes to a reader that pulls, and holds the source back: it is paused while more
 * than 64 KiB wait.
 */
export class BodyChannel implements ResponseBody, AsyncIterator<Buffer, undefined> {
  readonly #flow: BodyFlow;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #isTaken = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(flow: BodyFlow) {
    this.#flow = flow;
  }

  /** `chunk` belongs to the channel from here on: the source copies what it only borrows. */
  push(chunk: Buffer): void {
    if (this.#isEnded) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (!this.#isPaused && this.#waitingBytes > PAUSE_ABOVE_BYTES) {
      this.#isPaused = true;
      this.#flow.pause();
    }
    this.#rouse();
  }

  /** The body is complete, or broken off; what waits is still read before the reader hears of it. */
  end(error: Error | null = null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#error = error;
    this.#rouse();
  }

  cancel(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#isTaken = true;
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#flow.cancel();
    this.#rouse();
  }

  /** Once only; throws BodyStateError after that. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    if (this.#isTaken) throw bodyConsumed();
    this.#isTaken = true;
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length;
        if (this.#isPaused && this.#waitingBytes < RESUME_BELOW_BYTES) {
          this.#isPaused = false;
          if (!this.#isEnded) this.#flow.resume();
        }
        return { done: false, value: chunk };
      }
      if (this.#isEnded) {
        const error = this.#error;
        this.#error = null;
        if (error !== null) throw error;
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/** A body that is already here, read as if it came. */
export async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Buffer, undefined> {
  if (bytes.length > 0) yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** For whoever comes second to a body that can be read once. */
export function bodyConsumed(): BodyStateError {
  return new BodyStateError({
    code: 'BODY_CONSUMED',
    phase: 'body',
    problem: 'Body cannot be read',
    reason: 'it was read, or given up, before',
    remedy: 'Read it once and keep the result, or ask without stream()',
  });
}
