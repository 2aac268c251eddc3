import { LimitError } from './errors.ts';

const FIRST_SIZE_BYTES = 1024;
/** What a Content-Length may claim at once; a longer body has to arrive before memory is spent on it. */
const TRUSTED_BYTES = 1024 * 1024;
const NO_BYTES: Buffer = Buffer.alloc(0);

/** Copies a body out of the read buffer into one Buffer, up to a maximum. */
export class BodyCollector {
  readonly #maximumBytes: number;
  #bytes = NO_BYTES;
  #length = 0;
  #announcedBytes = -1;

  constructor(maximumBytes: number) {
    this.#maximumBytes = maximumBytes;
  }

  /** `contentLength` is -1 when not known. */
  begin(contentLength: number): void {
    this.#length = 0;
    this.#announcedBytes = contentLength;
    const expected = Math.min(contentLength, TRUSTED_BYTES, this.#maximumBytes);
    this.#bytes = Buffer.allocUnsafe(Math.max(expected, 0));
  }

  /** Throws LimitError; its offset is -1, for only the decoder knows where in the connection that is. */
  add(buffer: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#maximumBytes) {
      throw new LimitError('bodyBytes', this.#maximumBytes, this.#maximumBytes + 1, -1);
    }
    if (length > this.#bytes.length) this.#grow(length);
    buffer.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
  }

  /** The body; from now on it belongs to the caller. */
  take(): Buffer {
    const body = this.#bytes.subarray(0, this.#length);
    this.#bytes = NO_BYTES;
    this.#length = 0;
    return body;
  }

  /** What has proven its first MiB is given all it announced at once: copying in steps costs as much as receiving. */
  #grow(neededBytes: number): void {
    const doubled = Math.max(FIRST_SIZE_BYTES, this.#bytes.length * 2, neededBytes);
    const sizeBytes = this.#announcedBytes >= neededBytes ? this.#announcedBytes : doubled;
    const grown = Buffer.allocUnsafe(Math.min(sizeBytes, this.#maximumBytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
