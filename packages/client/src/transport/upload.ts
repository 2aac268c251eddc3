// Bodies that do not leave in one write with their head. One promise per piece, none per byte; pieces are at most 64 KiB,
// so that a slow peer shows progress and is not taken for a dead one.
import {
  BodyLength,
  EncodeError,
  encodeChunk,
  LAST_CHUNK,
  type Clock,
  type Link,
  type TimerHandle,
} from '@needletail/wire';
import type { RequestBody } from '../body/request-body.ts';
import { ClientError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { bodySourceFailed, explainEncode } from './explain.ts';

const PIECE_BYTES = 65_536;
/** RFC 9110 §10.1.1: a client does not wait for ever. */
const CONTINUE_WAIT_MS = 1000;

export interface UploadOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly request: ClientRequest;
  readonly body: RequestBody;
  readonly head: string;
  /** The body waits for `proceed`, a second at most. */
  readonly expectsContinue: boolean;
  readonly onDone: () => void;
  /** The request is lost: its source threw, or gave another number of bytes than it said. */
  readonly onFailed: (error: ClientError) => void;
}

/** Sends one request body, as fast as the peer takes it and no faster. */
export class Upload {
  readonly #options: UploadOptions;
  readonly #length: BodyLength | null;
  #sentBytes = 0;
  #isCancelled = false;
  #isDone = false;
  #hasBegun = false;
  #wake: (() => void) | null = null;
  #timer: TimerHandle = null;
  #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | null = null;

  constructor(options: UploadOptions) {
    this.#options = options;
    const { length } = options.body;
    this.#length = length === null ? null : new BodyLength(length);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Sent or given up. */
  get isOver(): boolean {
    return this.#isDone || this.#isCancelled;
  }

  /** Whether bytes of the body have left. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether it is the peer's turn to take bytes. */
  get isBlocked(): boolean {
    return this.#wake !== null;
  }

  /** Whether it waits for `100 Continue`. */
  get isHeld(): boolean {
    return this.#timer !== null;
  }

  start(): void {
    const { link, head, expectsContinue, clock, request } = this.#options;
    request.watch?.bytesSent(head.length);
    link.write(head);
    if (expectsContinue) this.#timer = clock.setTimer(CONTINUE_WAIT_MS, () => this.proceed());
    else void this.#run();
  }

  /** The server asked for the body, or the wait is over. */
  proceed(): void {
    if (this.#timer === null) return;
    this.#options.clock.clearTimer(this.#timer);
    this.#timer = null;
    void this.#run();
  }

  drained(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Sends nothing more and lets go of the source. */
  cancel(): void {
    if (this.#isDone || this.#isCancelled) return;
    this.#isCancelled = true;
    if (this.#timer !== null) this.#options.clock.clearTimer(this.#timer);
    this.#timer = null;
    this.drained();
    this.#closeSource();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#hasBegun = true;
    try {
      await this.#sendAll();
    } catch (error) {
      this.#closeSource();
      if (this.#isCancelled) return;
      this.#isCancelled = true;
      this.#options.onFailed(this.#explain(error));
    }
  }

  async #sendAll(): Promise<void> {
    const { body, link, request } = this.#options;
    const iterator = iteratorOf(body);
    this.#iterator = iterator;
    for (;;) {
      const next = await iterator.next();
      if (this.#isCancelled) return;
      if (next.done === true) break;
      await this.#send(next.value);
      if (this.#isCancelled) return;
    }
    this.#iterator = null;
    this.#length?.end();
    if (this.#length === null) {
      request.watch?.bytesSent(LAST_CHUNK.length);
      link.write(LAST_CHUNK);
    }
    this.#isDone = true;
    this.#options.onDone();
  }

  async #send(data: Uint8Array): Promise<void> {
    const { request, body } = this.#options;
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      const piece = data.length <= PIECE_BYTES ? data : data.subarray(at, at + PIECE_BYTES);
      this.#length?.add(piece.length);
      const isTaken = this.#write(piece);
      if (!isTaken) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#isCancelled) return;
      this.#sentBytes += piece.length;
      request.onUploadProgress?.({
        transferredBytes: this.#sentBytes,
        totalBytes: body.length,
      });
    }
  }

  /** Whether the peer takes more. */
  #write(piece: Uint8Array): boolean {
    const { link, request } = this.#options;
    if (this.#length !== null) {
      request.watch?.bytesSent(piece.length);
      return link.write(piece);
    }
    const chunk = encodeChunk(piece);
    if (request.watch !== null) {
      request.watch.bytesSent(chunk.reduce((sizeBytes, part) => sizeBytes + part.length, 0));
    }
    return link.writeAll(chunk);
  }

  #closeSource(): void {
    const iterator = this.#iterator;
    this.#iterator = null;
    if (iterator?.return === undefined) return;
    // A source that fails while it is let go has nobody left to tell: the request is settled.
    Promise.resolve(iterator.return()).catch(() => {});
  }

  #explain(error: unknown): ClientError {
    const { request } = this.#options;
    if (error instanceof ClientError) return error;
    if (error instanceof EncodeError) return explainEncode(error, request);
    return bodySourceFailed(error, request);
  }
}

function iteratorOf(body: RequestBody): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
  const { whole } = body;
  if (whole === null) return body.open()[Symbol.asyncIterator]();
  const bytes = typeof whole === 'string' ? Buffer.from(whole, 'utf8') : whole;
  return [bytes][Symbol.iterator]();
}
