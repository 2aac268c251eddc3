import { LAST_CHUNK, BodyLength } from '@needletail/wire';

/** What a streamed answer writes to. */
export interface StreamOutput {
  /** Puts latin1 text behind what is to be written, without writing. */
  append(text: string): void;
  /** Writes what was appended and then the pieces; false when the client does not keep up: `drained` follows. */
  writeNow(pieces: readonly (string | Uint8Array)[]): boolean;
}

/** How the end of a streamed body is found (RFC 9112 §6.3). */
export type StreamFraming = 'length' | 'chunked' | 'until-close';

/** Up to here a piece is made text and joined with its frame to one write. */
const JOINED_BYTES = 16 * 1024;
/** A size in sixteen digits is too long for some; that of a chunk that follows has ten at most. */
const MOST_PROBES = 6;
const NOTHING_TO_WAKE = (): void => {};

/** Carries pieces to a client as fast as it takes them; one for each streamed answer. */
export class ReplyStream {
  readonly #output: StreamOutput;
  readonly #iterator: AsyncIterator<Uint8Array | string>;
  readonly #isChunked: boolean;
  readonly #length: BodyLength | null;
  #probes = 0;
  #stopped: Error | null = null;
  #wake: () => void = NOTHING_TO_WAKE;
  #reject: (error: Error) => void = NOTHING_TO_WAKE;

  /** `length` is given with the framing of that name only. */
  constructor(
    output: StreamOutput,
    pieces: AsyncIterable<Uint8Array | string>,
    framing: StreamFraming,
    length: number | null,
  ) {
    this.#output = output;
    this.#iterator = pieces[Symbol.asyncIterator]();
    this.#isChunked = framing === 'chunked';
    this.#length = length === null ? null : new BodyLength(length);
  }

  /** Resolves when the last piece was handed over; rejects with what the pieces throw, or with the reason of `stop`. */
  async run(): Promise<void> {
    const stopped = new Promise<never>((_, reject) => (this.#reject = reject));
    await Promise.race([this.#pump(), stopped]);
  }

  drained(): void {
    this.#wake();
  }

  /**
   * Finds out whether a client that sends no more is still there: sends a zero before the size of the next chunk, which changes
   * nothing about it (RFC 9112 §7.1). A client that is gone answers with a reset, and `stop` follows.
   */
  probe(): void {
    if (!this.#isChunked || this.#stopped !== null || this.#probes >= MOST_PROBES) return;
    this.#probes += 1;
    this.#output.append('0');
    this.#output.writeNow([]);
  }

  /** The client is gone: the producer is told to end, and not waited for. */
  stop(reason: Error): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    this.#reject(reason);
    this.#wake();
    this.#close();
  }

  async #pump(): Promise<void> {
    try {
      for (let next = await this.#next(); next.done !== true; next = await this.#next()) {
        const sent = this.#send(next.value);
        if (!sent && this.#stopped === null) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
      if (this.#stopped !== null) return;
      this.#length?.end();
      if (this.#isChunked) this.#output.append(LAST_CHUNK);
    } catch (error) {
      // A producer that threw is at its end; one whose piece could not be sent is not.
      this.#close();
      throw error;
    }
  }

  /** One piece at a time: the next is asked for when this one has been taken. */
  #next(): Promise<IteratorResult<Uint8Array | string>> {
    if (this.#stopped !== null) return Promise.resolve({ done: true, value: undefined });
    return this.#iterator.next();
  }

  #send(piece: Uint8Array | string): boolean {
    if (this.#stopped !== null) return false;
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    // A chunk of size zero would end the body (RFC 9112 §7.1).
    if (bytes.length === 0) return true;
    this.#length?.add(bytes.length);
    if (bytes.length > JOINED_BYTES) {
      if (!this.#isChunked) return this.#output.writeNow([bytes]);
      return this.#output.writeNow([`${bytes.length.toString(16)}\r\n`, bytes, '\r\n']);
    }
    const text = latin1Of(bytes);
    this.#output.append(this.#isChunked ? `${bytes.length.toString(16)}\r\n${text}\r\n` : text);
    return this.#output.writeNow([]);
  }

  #close(): void {
    const closing = this.#iterator.return?.();
    // The answer has its own error already; how the producer takes its end changes nothing about it.
    closing?.catch(NOTHING_TO_WAKE);
  }
}

function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
