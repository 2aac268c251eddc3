// Hot: `find` runs for each response of a connection that shares. Allocates up to so many entries, then nothing per call.
// The decoders that share have the same limits, so that what one accepted all would. Guarded by bench/src/think-cost.ts.
import type { FramingFields } from './framing-fields.ts';
import { HeadMemory } from './head-memory.ts';
import type { StatusLine } from './status-line.ts';

/** Answers of so many kinds are told apart. */
const MOST_HEADS = 8;
/** As for one connection: heads that never repeat cost little. */
const PATIENCE = 64;
const RETRY_MASK = 15;

/** A head that was accepted, and what it said. */
export class KnownHead {
  /** For the sink to keep what it made of this head; null again when another head takes the place. */
  made: object | null = null;
  readonly #memory = new HeadMemory();
  #status = 0;
  #minorVersion: 0 | 1 = 1;
  #contentLength = -1;
  #chunked = false;
  #close = false;
  #keepAlive = false;
  #upgrade = false;

  sizeBytes = 0;

  /** Whether `[start, end)` begins with it. */
  matches(buffer: Buffer, start: number, end: number): boolean {
    return this.#memory.match(buffer, start, end) > 0;
  }

  tell(line: StatusLine, fields: FramingFields): void {
    line.status = this.#status;
    line.minorVersion = this.#minorVersion;
    fields.contentLength = this.#contentLength;
    fields.chunked = this.#chunked;
    fields.close = this.#close;
    fields.keepAlive = this.#keepAlive;
    fields.upgrade = this.#upgrade;
  }

  become(
    buffer: Buffer,
    start: number,
    end: number,
    line: StatusLine,
    fields: FramingFields,
  ): void {
    this.made = null;
    this.sizeBytes = end - start;
    this.#memory.restart();
    this.#memory.remember(buffer, start, end);
    this.#status = line.status;
    this.#minorVersion = line.minorVersion;
    this.#contentLength = fields.contentLength;
    this.#chunked = fields.chunked;
    this.#close = fields.close;
    this.#keepAlive = fields.keepAlive;
    this.#upgrade = fields.upgrade;
  }
}

/**
 * The last heads that many connections to one target were sent. Users who ask once a second each see another `Date` in every
 * answer, although they all see the same: what one connection has parsed the others need not.
 */
export class SharedHeads {
  readonly #heads: KnownHead[] = [];
  #latest = 0;
  #next = 0;
  #misses = 0;

  /** The head that `[start, end)` begins with, if it is known. */
  find(buffer: Buffer, start: number, end: number): KnownHead | null {
    const heads = this.#heads;
    const count = heads.length;
    for (let tries = 0; tries < count; tries += 1) {
      const at = (this.#latest + tries) % count;
      const head = heads[at]!;
      if (!head.matches(buffer, start, end)) continue;
      this.#latest = at;
      this.#misses = 0;
      return head;
    }
    return null;
  }

  /** Keeps an accepted head, in place of the oldest; null for one that is not worth it. */
  remember(
    buffer: Buffer,
    start: number,
    end: number,
    line: StatusLine,
    fields: FramingFields,
  ): KnownHead | null {
    this.#misses += 1;
    if (this.#misses > PATIENCE && (this.#misses & RETRY_MASK) !== 0) return null;
    const head = (this.#heads[this.#next] ??= new KnownHead());
    head.become(buffer, start, end, line, fields);
    this.#latest = this.#next;
    this.#next = (this.#next + 1) % MOST_HEADS;
    return head;
  }
}
