// Hot: `append` and `flush` run once per answer and allocate nothing but the joined text.
// The caller flushes at the end of each read, so that the answers of one read leave in one write.
// Guarded by bench/src/server-cpu.ts and by the one-write cases of listen-on-wire.test.ts.
import type { Link } from '@needletail/wire';

/** The sending half of a connection: text that waits for its write, and whether the client takes what is written. */
export class LinkWriter {
  readonly #link: Link;
  #unwritten = '';
  #isBlocked = false;
  #isClosed = false;
  #blockedSinceMs = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Whether the link waits for the client to read. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Characters appended and not written, which are bytes. */
  get unwrittenBytes(): number {
    return this.#unwritten.length;
  }

  /** Puts latin1 text behind what is to be written. */
  append(text: string): void {
    if (!this.#isClosed) this.#unwritten += text;
  }

  flush(nowMs: number): void {
    if (this.#unwritten === '') return;
    const text = this.#unwritten;
    this.#unwritten = '';
    this.#note(this.#link.write(text), nowMs);
  }

  /** Writes what was appended and then the pieces; false when the link is blocked by now. */
  write(pieces: readonly (string | Uint8Array)[], nowMs: number): boolean {
    if (this.#isClosed) return false;
    if (pieces.length > 0) {
      const text = this.#unwritten;
      this.#unwritten = '';
      const all = text === '' ? pieces : [text, ...pieces];
      this.#note(all.length === 1 ? this.#link.write(all[0]!) : this.#link.writeAll(all), nowMs);
    } else this.flush(nowMs);
    return !this.#isBlocked;
  }

  drained(): void {
    this.#isBlocked = false;
  }

  isStalled(nowMs: number, limitMs: number): boolean {
    return this.#isBlocked && nowMs - this.#blockedSinceMs >= limitMs;
  }

  /** Writes what was appended and closes the sending half. */
  end(nowMs: number): void {
    if (this.#isClosed) return;
    this.flush(nowMs);
    this.#isClosed = true;
    this.#link.end();
  }

  /** The link is gone. */
  drop(): void {
    this.#isClosed = true;
    this.#unwritten = '';
  }

  #note(isTaken: boolean, nowMs: number): void {
    if (isTaken || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#blockedSinceMs = nowMs;
  }
}
