import { HandlerError } from '../errors.ts';
import { shown } from '../listen/check-options.ts';
import type { ReplyPieces } from './reply.ts';

/** Passes pieces on, and knows how many bytes they had. What is neither text nor bytes is a HandlerError. */
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

function sizeOf(piece: unknown): number {
  if (typeof piece === 'string') return Buffer.byteLength(piece);
  if (piece instanceof Uint8Array) return piece.byteLength;
  const reason = `a piece of its stream is ${shown(piece)}, and only text and bytes can be sent`;
  throw new HandlerError(`${reason}: give ndjson(values) for a line of JSON each`, '');
}
