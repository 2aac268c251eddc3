import type { FieldScanner } from './field-scanner.ts';
import { NEED_MORE } from './field-scanner.ts';

const FIRST_SIZE_BYTES = 512;
/** A finished block that was cut is copied in steps of this size, so that little of what follows it is copied too. */
const STEP_BYTES = 1024;
/** A carry grown past this is given back when its block ends. */
const KEEP_BYTES = 4096;

const EMPTY = Buffer.alloc(0);

/**
 * Holds the bytes of a block that a read cut in two, because the read buffer is overwritten by the next read. Grows by
 * doubling and never holds more than the scanner's limit plus one step: the scanner throws first.
 */
export class BlockCarry {
  /** The block from its first byte; valid up to `length`. */
  bytes: Buffer = EMPTY;
  length = 0;

  /** Keeps the scanned start of a block. */
  hold(buffer: Buffer, start: number, end: number): void {
    this.#append(buffer, start, end);
  }

  /**
   * Goes on with a held block; returns the position in `buffer` after the block, with `bytes[0, length)` the whole of
   * it, or NEED_MORE. `blockOffset` is the offset of the block in the connection.
   */
  resume(
    scanner: FieldScanner,
    buffer: Buffer,
    start: number,
    end: number,
    blockOffset: number,
  ): number {
    for (let at = start; at < end; at += STEP_BYTES) {
      const scanned = this.length;
      this.#append(buffer, at, Math.min(at + STEP_BYTES, end));
      const done = scanner.scan(this.bytes, 0, scanned, this.length, blockOffset);
      if (done !== NEED_MORE) {
        this.length = done;
        return at + done - scanned;
      }
    }
    return NEED_MORE;
  }

  clear(): void {
    this.length = 0;
    if (this.bytes.length > KEEP_BYTES) this.bytes = EMPTY;
  }

  #append(buffer: Buffer, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.max(FIRST_SIZE_BYTES, this.bytes.length * 2, needed),
      );
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    buffer.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }
}
