import { BodyTooLargeError } from '../errors.ts';
import type { IncomingBody } from '../listen/exchange.ts';

/** A body that is not read beyond `maxBytes`, however it is read. */
export class LimitedBody implements IncomingBody {
  readonly #body: IncomingBody;
  readonly #maxBytes: number;
  readonly #where: string;

  constructor(body: IncomingBody, maxBytes: number, where: string) {
    this.#body = body;
    this.#maxBytes = maxBytes;
    this.#where = where;
  }

  get length(): number | null {
    return this.#body.length;
  }

  bytes(maxBytes: number = this.#maxBytes): Promise<Buffer> {
    return this.#body.bytes(Math.min(maxBytes, this.#maxBytes));
  }

  arrived(maxBytes: number = this.#maxBytes): Buffer | null {
    return this.#body.arrived?.(Math.min(maxBytes, this.#maxBytes)) ?? null;
  }

  async *stream(): AsyncGenerator<Buffer, undefined> {
    let sizeBytes = 0;
    for await (const piece of this.#body.stream()) {
      sizeBytes += piece.length;
      if (sizeBytes > this.#maxBytes) throw new BodyTooLargeError(this.#maxBytes, this.#where);
      yield piece;
    }
  }
}
