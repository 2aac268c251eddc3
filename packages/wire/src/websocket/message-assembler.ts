// Allocates the payload of a message that does not arrive whole: its full size when that is known and modest, else twice
// as much each time, so that a header that claims much and delivers nothing costs little.
// What `append` is given is borrowed; what `take` returns belongs to the taker.

/** Reserved on the word of a header alone. */
const TRUSTED_BYTES = 262_144;
const NOTHING = Buffer.alloc(0);

/** Collects the payload of one message from frames and parts of frames. */
export class MessageAssembler {
  #bytes: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What has been collected; its bytes from `length` on mean nothing. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** `moreBytes` are announced: makes room for as many of them as is prudent, if there is none yet. */
  expect(moreBytes: number): void {
    if (this.#bytes.length > 0) return;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(moreBytes, TRUSTED_BYTES));
  }

  /** Adds `source[start, end)`; the message will have `totalBytes`, Infinity when that is not known. */
  append(source: Buffer, start: number, end: number, totalBytes: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#bytes.length) this.#grow(needed, totalBytes);
    source.copy(this.#bytes, this.#length, start, end);
    this.#length = needed;
  }

  /** Hands over the buffer, which begins with the message, and starts anew. */
  take(): Buffer {
    const bytes = this.#bytes;
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#bytes = NOTHING;
    this.#length = 0;
  }

  #grow(neededBytes: number, totalBytes: number): void {
    const doubled = Math.min(this.#bytes.length * 2, totalBytes);
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, doubled));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
