import type { ReplyPieces } from './reply.ts';

/** Passes pieces on, and knows how many bytes they had. */
export class CountedPieces implements AsyncIterable<Uint8Array | string> {
  sizeBytes = 0;
  readonly #pieces: ReplyPieces;

  constructor(pieces: ReplyPieces) {
    this.#pieces = pieces;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array | string> {
    const inner = this.#pieces[Symbol.asyncIterator]();
    return {
      next: async () => {
        const given = await inner.next();
        if (given.done !== true) this.sizeBytes += sizeOf(given.value);
        return given;
      },
      return: async () => {
        await inner.return?.();
        return { done: true, value: undefined };
      },
    };
  }
}

function sizeOf(piece: Uint8Array | string): number {
  return typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength;
}
