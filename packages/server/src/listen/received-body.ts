// Hot for uploads. Allocates one buffer for a body read whole, a copy of each piece for one that is streamed or waits.
// The caller lends `[start, end)` of its read buffer to `add` for the call. Guarded by received-body.test.ts.
import { BodyCollector, LimitError } from '@needletail/wire';
import { BodyTooLargeError, BodyUsedError } from '../errors.ts';
import type { IncomingBody } from './exchange.ts';

/** Where the bytes come from: a connection. */
export interface BodySource {
  /** Somebody reads: a client that waits for `100 Continue` is told to go on. */
  bodyWanted(): void;
  /** Nobody keeps up with what arrives, or somebody does again. */
  holdBody(): void;
  releaseBody(): void;
}

const UNREAD = 0;
const WHOLE = 1;
const STREAMED = 2;
const IGNORED = 3;

const MOST_QUEUED_BYTES = 64 * 1024;
const REFILL_BYTES = 16 * 1024;

const NO_BYTES: Buffer = Buffer.alloc(0);

interface Waiter<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** The body of one request, between the connection that feeds it and the handler that reads it. */
export class ReceivedBody implements IncomingBody {
  readonly length: number | null;
  readonly #source: BodySource;
  readonly #where: string;
  readonly #defaultMaxBytes: number;
  #mode = UNREAD;
  #receivedBytes = 0;
  #isEnded = false;
  #isHeld = false;
  #error: Error | null = null;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #collector: BodyCollector | null = null;
  #whole: Waiter<Buffer> | null = null;
  #next: Waiter<IteratorResult<Buffer, undefined>> | null = null;

  /** `where` is method and target, for errors. */
  constructor(
    source: BodySource,
    length: number | null,
    { where, maxBytes }: { readonly where: string; readonly maxBytes: number },
  ) {
    this.#source = source;
    this.length = length;
    this.#where = where;
    this.#defaultMaxBytes = maxBytes;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Whether a handler has asked for it, and still wants what is to come. */
  get isWanted(): boolean {
    return this.#mode === WHOLE || this.#mode === STREAMED;
  }

  /** Whether the connection was asked to hold the client back. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  arrived(maxBytes: number = this.#defaultMaxBytes): Buffer | null {
    if (this.#mode !== UNREAD) throw new BodyUsedError(this.#where);
    if (this.#error !== null) throw this.#error;
    if (Math.max(this.length ?? 0, this.#queuedBytes) > maxBytes) {
      this.ignore();
      throw new BodyTooLargeError(maxBytes, this.#where);
    }
    if (!this.#isEnded) return null;
    this.#mode = WHOLE;
    const pieces = this.#takeQueue();
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  bytes(maxBytes: number = this.#defaultMaxBytes): Promise<Buffer> {
    try {
      const arrived = this.arrived(maxBytes);
      if (arrived !== null) return Promise.resolve(arrived);
    } catch (error) {
      return Promise.reject(error as Error);
    }
    this.#mode = WHOLE;
    this.#collector = new BodyCollector(maxBytes);
    this.#collector.begin(this.length ?? -1);
    for (const piece of this.#takeQueue()) this.#collector.add(piece, 0, piece.length);
    const whole = new Promise<Buffer>((resolve, reject) => (this.#whole = { resolve, reject }));
    // A client that vanishes while the handler awaits something else must not end the process.
    whole.catch(ignoreUnawaited);
    this.#source.bodyWanted();
    this.#release();
    return whole;
  }

  stream(): AsyncIterable<Buffer> {
    if (this.#mode !== UNREAD) throw new BodyUsedError(this.#where);
    this.#mode = STREAMED;
    if (!this.#isEnded) this.#source.bodyWanted();
    const iterator: AsyncIterator<Buffer, undefined> = {
      next: () => this.#pull(),
      return: () => {
        this.ignore();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
    return { [Symbol.asyncIterator]: () => iterator };
  }

  add(buffer: Buffer, start: number, end: number): void {
    this.#receivedBytes += end - start;
    if (this.#mode === IGNORED) return;
    if (this.#collector !== null) return this.#collect(this.#collector, buffer, start, end);
    const piece = Buffer.allocUnsafe(end - start);
    buffer.copy(piece, 0, start, end);
    if (this.#next !== null) {
      const waiting = this.#next;
      this.#next = null;
      return waiting.resolve({ done: false, value: piece });
    }
    this.#queue.push(piece);
    this.#queuedBytes += piece.length;
    if (this.#queuedBytes < MOST_QUEUED_BYTES || this.#isHeld) return;
    this.#isHeld = true;
    this.#source.holdBody();
  }

  /** The body is complete. */
  end(): void {
    this.#isEnded = true;
    if (this.#collector !== null) this.#whole?.resolve(this.#collector.take());
    this.#next?.resolve({ done: true, value: undefined });
    this.#forget();
    this.#release();
  }

  /** The body will never be complete; who reads it, or will, is told. Does nothing to one that is. */
  fail(error: Error): void {
    if (this.#isEnded || this.#error !== null) return;
    this.#error = error;
    this.#takeQueue();
    this.#whole?.reject(error);
    this.#next?.reject(error);
    this.#forget();
  }

  /** What is still to come is dropped as it comes. */
  ignore(): void {
    this.#mode = IGNORED;
    this.#takeQueue();
    this.#next?.resolve({ done: true, value: undefined });
    this.#forget();
    this.#release();
  }

  #collect(collector: BodyCollector, buffer: Buffer, start: number, end: number): void {
    try {
      collector.add(buffer, start, end);
    } catch (error) {
      if (!(error instanceof LimitError)) throw error;
      const whole = this.#whole;
      this.ignore();
      whole?.reject(new BodyTooLargeError(error.maximum, this.#where));
    }
  }

  #pull(): Promise<IteratorResult<Buffer, undefined>> {
    const piece = this.#queue.shift();
    if (piece !== undefined) {
      this.#queuedBytes -= piece.length;
      if (this.#queuedBytes <= REFILL_BYTES) this.#release();
      return Promise.resolve({ done: false, value: piece });
    }
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#isEnded || this.#mode === IGNORED) {
      return Promise.resolve({ done: true, value: undefined });
    }
    if (this.#next !== null) return Promise.reject(new BodyUsedError(this.#where));
    return new Promise((resolve, reject) => (this.#next = { resolve, reject }));
  }

  #takeQueue(): Buffer[] {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    return queue;
  }

  #release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#source.releaseBody();
  }

  #forget(): void {
    this.#collector = null;
    this.#whole = null;
    this.#next = null;
  }
}

/** Of a request without one. */
export const NO_BODY: IncomingBody = {
  length: 0,
  bytes: () => Promise.resolve(NO_BYTES),
  arrived: () => NO_BYTES,
  stream: () => ({ [Symbol.asyncIterator]: () => ENDED }),
};

const ENDED: AsyncIterator<Buffer, undefined> = {
  next: () => Promise.resolve({ done: true, value: undefined }),
};

function ignoreUnawaited(): void {
  // Whoever awaits the promise gets the error; this handler only keeps it from counting as unhandled.
}
