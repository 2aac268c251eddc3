import type { Link } from '@needletail/wire';
import type { ServerLimits } from './server-options.ts';

const FIRST_BYTES = 1024;
const NOTHING: Buffer = Buffer.alloc(0);

/** The receiving half of a connection: keeps what came before its turn, and holds the client back when that is too much. */
export class ReadGate {
  readonly #link: Link;
  readonly #limits: Pick<ServerLimits, 'readAheadBytes' | 'drainBytes'>;
  #bytes: Buffer = NOTHING;
  #length = 0;
  #isPaused = false;
  #wastedBytes = 0;

  /** Reading stops when `readAheadBytes` are kept. */
  constructor(link: Link, limits: Pick<ServerLimits, 'readAheadBytes' | 'drainBytes'>) {
    this.#link = link;
    this.#limits = limits;
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
    if (length >= this.#limits.readAheadBytes) this.pause();
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

  /** Counts bytes that nobody reads, of a body after its answer or after the end; true when they are more than `drainBytes`. */
  wastes(sizeBytes: number): boolean {
    this.#wastedBytes += sizeBytes;
    return this.#wastedBytes > this.#limits.drainBytes;
  }

  forgiveWaste(): void {
    this.#wastedBytes = 0;
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
