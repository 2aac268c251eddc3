import { once } from 'node:events';
import type { ReplyPieces } from '../reply/reply.ts';
import type { CoderStream } from './content-coders.ts';

/**
 * `pieces` through `coder`. A piece is asked for when what came of the one before was taken; with `isFlushed` everything of a piece
 * comes out before the next is asked for. Whoever stops taking ends the producer and the coder.
 */
export async function* compressPieces(
  pieces: ReplyPieces,
  coder: CoderStream,
  isFlushed: boolean,
): AsyncGenerator<Uint8Array, undefined> {
  let failure: Error | null = null;
  coder.on('error', (error: Error) => (failure = error));
  try {
    for await (const piece of pieces) {
      if (piece.length === 0) continue;
      const isRoomy = coder.write(piece);
      if (isFlushed) await flushed(coder);
      else if (!isRoomy) await once(coder, 'readable');
      yield* ready(coder);
      if (failure !== null) throw failure as Error;
    }
    coder.end();
    while (!coder.readableEnded) {
      yield* ready(coder);
      if (failure !== null) throw failure as Error;
      if (!coder.readableEnded) await nextMove(coder);
    }
  } finally {
    coder.destroy();
  }
}

function* ready(coder: CoderStream): Generator<Uint8Array, undefined> {
  for (
    let piece = coder.read() as Buffer | null;
    piece !== null;
    piece = coder.read() as Buffer | null
  ) {
    yield piece;
  }
}

function flushed(coder: CoderStream): Promise<void> {
  return new Promise((resolve) => coder.flush(() => resolve()));
}

/** More to read, or its end. */
function nextMove(coder: CoderStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      coder.off('readable', settle).off('end', settle).off('error', fail);
      resolve();
    };
    const fail = (error: Error): void => {
      coder.off('readable', settle).off('end', settle);
      reject(error);
    };
    coder.once('readable', settle).once('end', settle).once('error', fail);
  });
}
