// Hot for uploads: content is handed on as views of the pieces that came, and searched by `Buffer.indexOf`; a piece is copied
// only when it begins within what may be a delimiter. Callers take one part at a time, in order.
// Guarded by bench/src/input-parsers.ts.
import { BadInputError, limitError } from './bad-input.ts';

export interface ScannerLimits {
  /** Of the whole body. */
  readonly totalBytes: number;
  /** Of the head of one part. */
  readonly headBytes: number;
}

const CR = 0x0d;
const DASH = 0x2d;
const SP = 0x20;
const HTAB = 0x09;
const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';

/**
 * Cuts a multipart body (RFC 2046 §5.1) into the heads and the contents of its parts. Pulls: bytes are asked for when there is
 * nothing left to hand on, so that who reads slowly holds the client back.
 */
export class MultipartScanner {
  readonly #source: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  readonly #limits: ScannerLimits;
  /** Begins as the line end that a delimiter at the very beginning lacks. */
  #buffer: Buffer = Buffer.from(LINE_END);
  #receivedBytes = 0;
  /** What is before the first delimiter is scanned like a part, and dropped. */
  #isInContent = true;
  #isEnded = false;

  constructor(source: AsyncIterable<Buffer>, boundary: string, limits: ScannerLimits) {
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = Buffer.from(`${LINE_END}--${boundary}`, 'latin1');
    this.#limits = limits;
  }

  /** The head of the next part, without its line end; null behind the last part. Drops what is left of the part before. */
  async nextHead(): Promise<Buffer | null> {
    while ((await this.nextContent()) !== null);
    if (this.#isEnded) return null;
    while (this.#buffer.length < 2) await this.#more();
    if (this.#buffer[0] === DASH && this.#buffer[1] === DASH) {
      this.#isEnded = true;
      await this.close();
      return null;
    }
    const lineEnd = await this.#find(LINE_END);
    for (let index = 0; index < lineEnd; index += 1) {
      const code = this.#buffer[index];
      if (code !== SP && code !== HTAB) throw malformed('A boundary is followed by other text.');
    }
    this.#buffer = this.#buffer.subarray(lineEnd);
    // From the line end on: a part may have a head without fields.
    const headEnd = await this.#find(HEAD_END);
    const head = this.#buffer.subarray(Math.min(LINE_END.length, headEnd), headEnd);
    this.#buffer = this.#buffer.subarray(headEnd + HEAD_END.length - LINE_END.length);
    // An empty content has its delimiter right here, with the line end of the head for its own.
    if (!(await this.#startsWithDelimiter())) this.#buffer = this.#buffer.subarray(LINE_END.length);
    this.#isInContent = true;
    return head;
  }

  /** The next bytes of the content of this part, never none; null at its end. */
  async nextContent(): Promise<Buffer | null> {
    while (this.#isInContent) {
      const at = this.#buffer.indexOf(this.#delimiter);
      if (at === 0) {
        this.#buffer = this.#buffer.subarray(this.#delimiter.length);
        this.#isInContent = false;
        break;
      }
      const end = at === -1 ? this.#plainEnd() : at;
      if (end > 0) {
        const content = this.#buffer.subarray(0, end);
        this.#buffer = this.#buffer.subarray(end);
        return content;
      }
      await this.#more();
    }
    return null;
  }

  /** Gives up what is left of the body. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  /** Where a delimiter may begin that is not here as a whole. A boundary holds no CR, so the last one decides. */
  #plainEnd(): number {
    const buffer = this.#buffer;
    const last = buffer.lastIndexOf(CR);
    if (last === -1 || buffer.length - last >= this.#delimiter.length) return buffer.length;
    const isPrefix = buffer.compare(this.#delimiter, 0, buffer.length - last, last) === 0;
    return isPrefix ? last : buffer.length;
  }

  async #startsWithDelimiter(): Promise<boolean> {
    const delimiter = this.#delimiter;
    for (;;) {
      const length = Math.min(this.#buffer.length, delimiter.length);
      if (this.#buffer.compare(delimiter, 0, length, 0, length) !== 0) return false;
      if (length === delimiter.length) return true;
      await this.#more();
    }
  }

  /** Where `text` stands in what belongs to a head. */
  async #find(text: string): Promise<number> {
    const { headBytes } = this.#limits;
    for (;;) {
      const at = this.#buffer.indexOf(text, 0, 'latin1');
      if (at > headBytes || (at === -1 && this.#buffer.length > headBytes)) {
        throw limitError('bytes in the head of a part', headBytes);
      }
      if (at !== -1) return at;
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw malformed('It ends before its closing boundary.');
    this.#receivedBytes += next.value.length;
    const { totalBytes } = this.#limits;
    if (this.#receivedBytes > totalBytes) throw limitError('bytes in the body', totalBytes, 413);
    this.#buffer =
      this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
  }
}

export function malformed(reason: string): BadInputError {
  return new BadInputError(400, 'BAD_MULTIPART', `The multipart body is malformed. ${reason}`);
}
