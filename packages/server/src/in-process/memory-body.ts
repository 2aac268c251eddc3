import { BodyTooLargeError, BodyUsedError } from '../errors.ts';
import type { IncomingBody } from '../listen/exchange.ts';

/** The body of a request that did not come over a connection. */
export class MemoryBody implements IncomingBody {
  readonly length: number | null;
  readonly #where: string;
  readonly #maxBytes: number;
  readonly #source: Uint8Array | AsyncIterable<Uint8Array>;
  #isUsed = false;

  /** `maxBytes` is what `bytes()` takes unless told otherwise; `where` is method and target, for errors. */
  constructor(
    source: Uint8Array | AsyncIterable<Uint8Array>,
    { where, maxBytes }: { readonly where: string; readonly maxBytes: number },
  ) {
    this.#source = source;
    this.length = source instanceof Uint8Array ? source.byteLength : null;
    this.#where = where;
    this.#maxBytes = maxBytes;
  }

  arrived(maxBytes: number = this.#maxBytes): Buffer | null {
    const source = this.#source;
    if (!(source instanceof Uint8Array)) return null;
    this.#use();
    if (source.byteLength > maxBytes) throw new BodyTooLargeError(maxBytes, this.#where);
    return bufferOf(source);
  }

  async bytes(maxBytes: number = this.#maxBytes): Promise<Buffer> {
    this.#use();
    const pieces: Buffer[] = [];
    let sizeBytes = 0;
    for await (const piece of this.#pieces()) {
      sizeBytes += piece.length;
      if (sizeBytes > maxBytes) throw new BodyTooLargeError(maxBytes, this.#where);
      pieces.push(piece);
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }

  stream(): AsyncIterable<Buffer> {
    this.#use();
    return this.#pieces();
  }

  async *#pieces(): AsyncGenerator<Buffer, undefined> {
    const source = this.#source;
    if (source instanceof Uint8Array) {
      if (source.byteLength > 0) yield bufferOf(source);
      return;
    }
    for await (const piece of source) yield bufferOf(piece);
  }

  #use(): void {
    if (this.#isUsed) throw new BodyUsedError(this.#where);
    this.#isUsed = true;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
