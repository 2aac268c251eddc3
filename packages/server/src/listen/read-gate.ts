import type { Link } from '@needletail/wire';

const FIRST_BYTES = 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/** The receiving half of a connection: keeps what came before its turn, and holds the client back when that is too much. */
export class ReadGate {
  readonly #link: Link;
  readonly #mostBytes: number;
  #bytes: Buffer = NOTHING;
  #length = 0;
  #isPaused = false;

  /** Reading stops when `mostBytes` are kept. */
  constructor(link: Link, mostBytes: number) {
    this.#link = link;
    this.#mostBytes = mostBytes;
  }

  get keptBytes(): number {
    return this.#length;
  }

  /** Copies `[start, end)`; growing costs the same however small the pieces are. */
  keep(buffer: Buffer, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(FIRST_BYTES, this.#bytes.length * 2, length));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    buffer.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
    if (length >= this.#mostBytes) this.pause();
  }

  /** Everything that was kept; the caller's from now on. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.drop();
    return taken;
  }

  drop(): void {
    this.#bytes = NOTHING;
    this.#length = 0;
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#link.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#link.resume();
  }
}
