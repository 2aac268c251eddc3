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
  const output = new CoderOutput(coder);
  try {
    for await (const piece of pieces) {
      if (piece.length === 0) continue;
      coder.write(piece);
      if (isFlushed) yield* output.until(output.flush());
      else yield* output.until(() => !coder.writableNeedDrain);
    }
    coder.end();
    yield* output.until(() => coder.readableEnded);
  } finally {
    coder.destroy();
  }
}

/** What comes out of a coder, which stands still while nobody reads it. */
class CoderOutput {
  readonly #coder: CoderStream;
  #failure: Error | null = null;
  #hasMoved = false;
  #wake: (() => void) | null = null;

  constructor(coder: CoderStream) {
    this.#coder = coder;
    const move = (): void => this.#move();
    coder.on('readable', move).on('drain', move).on('end', move);
    coder.on('error', (error: Error) => {
      this.#failure = error;
      this.#move();
    });
  }

  /** Begins a flush; gives whether it is done. */
  flush(): () => boolean {
    let isDone = false;
    this.#coder.flush(() => {
      isDone = true;
      this.#move();
    });
    return () => isDone;
  }

  /** Everything that comes out until the coder has got that far. */
  async *until(isReached: () => boolean): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      this.#hasMoved = false;
      const isLast = isReached();
      for (let piece = this.#read(); piece !== null; piece = this.#read()) yield piece;
      if (this.#failure !== null) throw this.#failure;
      if (isLast) return;
      if (!this.#hasMoved) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #read(): Buffer | null {
    return this.#coder.read() as Buffer | null;
  }

  #move(): void {
    this.#hasMoved = true;
    this.#wake?.();
    this.#wake = null;
  }
}
