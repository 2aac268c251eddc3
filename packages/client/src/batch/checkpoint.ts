import { open, type FileHandle } from 'node:fs/promises';
import { systemClock, type Clock, type TimerHandle } from '@needletail/wire';
import { CheckpointError } from '../errors.ts';

/** What tells an item from the others: its index, or what `key` makes of it. */
export type ItemKey = string | number;

/** The first line: a file that begins otherwise is somebody else's, and is not touched. */
const HEADER = '{"checkpoint":"needletail/1"}';
const READ_BYTES = 262_144;
const NEWLINE = 0x0a;
/** A batch is written and fsynced when it has so many keys, or when its first has waited so long. */
const BATCH_KEYS = 1024;
const BATCH_MS = 250;
/** Keys waiting for a slow disk before `add` makes its caller wait. */
const MOST_WAITING = 8 * BATCH_KEYS;

/**
 * The items that are done, one JSON key a line, in a file that is only ever appended to. A run that was killed loses at
 * most the last batch; the torn line it may leave behind is cut off when the file is opened again.
 */
export class Checkpoint {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #clock: Clock;
  readonly #done = new DoneKeys();
  #waiting: string[] = [];
  #timer: TimerHandle = null;
  #writing: Promise<void> | null = null;
  #error: CheckpointError | null = null;

  private constructor(path: string, file: FileHandle, clock: Clock) {
    this.#path = path;
    this.#file = file;
    this.#clock = clock;
  }

  /** Reads what is done, or starts a new file; throws CheckpointError. */
  static async open(path: string, clock: Clock = systemClock): Promise<Checkpoint> {
    let file: FileHandle;
    try {
      file = await open(path, 'a+');
    } catch (error) {
      throw failed(path, 'it cannot be opened', error);
    }
    const checkpoint = new Checkpoint(path, file, clock);
    try {
      await checkpoint.#load();
    } catch (error) {
      await file.close();
      throw error instanceof CheckpointError ? error : failed(path, 'it cannot be read', error);
    }
    return checkpoint;
  }

  /** Keys done in earlier runs. */
  get size(): number {
    return this.#done.size;
  }

  /** Whether an earlier run did it; what this run adds is not looked up again. */
  has(key: ItemKey): boolean {
    return this.#done.has(key);
  }

  /** Notes a key; a promise only where the disk is slower than the caller. Throws what an earlier write failed with. */
  add(key: ItemKey): Promise<void> | undefined {
    if (this.#error !== null) throw this.#error;
    this.#waiting.push(JSON.stringify(key));
    if (this.#waiting.length >= BATCH_KEYS) void this.#write();
    else this.#timer ??= this.#clock.setTimer(BATCH_MS, () => void this.#write());
    return this.#waiting.length > MOST_WAITING ? (this.#writing ?? undefined) : undefined;
  }

  /** Writes what waits and closes the file; throws CheckpointError when that, or an earlier write, failed. */
  async close(): Promise<void> {
    while (this.#waiting.length > 0 && this.#error === null) await this.#write();
    await this.#writing;
    this.#stopTimer();
    await this.#file.close();
    if (this.#error !== null) throw this.#error;
  }

  /** Never rejects: what went wrong is kept for whoever calls next. */
  #write(): Promise<void> {
    this.#stopTimer();
    this.#writing ??= this.#writeBatch().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeBatch(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = `${this.#waiting.join('\n')}\n`;
      this.#waiting = [];
      try {
        await this.#file.appendFile(lines);
        await this.#file.datasync();
      } catch (error) {
        this.#error = failed(this.#path, 'it cannot be written', error);
        return;
      }
      if (this.#waiting.length < BATCH_KEYS) return;
    }
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#timer = null;
  }

  async #load(): Promise<void> {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    let rest = Buffer.alloc(0);
    let endOfLinesBytes = 0;
    let line = 0;
    for (let position = 0; ;) {
      const { bytesRead } = await this.#file.read(buffer, 0, READ_BYTES, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        line += 1;
        this.#take(bytes.toString('utf8', start, end), line);
        endOfLinesBytes += end + 1 - start;
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (line === 0 && rest.length > HEADER.length) throw this.#foreign();
    }
    if (line === 0) {
      // A run that was killed while it wrote the header; anything else is not ours to truncate.
      if (!HEADER.startsWith(rest.toString())) throw this.#foreign();
      await this.#file.truncate(0);
      await this.#file.appendFile(`${HEADER}\n`);
    } else if (rest.length > 0) {
      await this.#file.truncate(endOfLinesBytes);
    }
  }

  #take(text: string, line: number): void {
    if (line === 1) {
      if (text !== HEADER) throw this.#foreign();
      return;
    }
    let key: unknown;
    try {
      key = JSON.parse(text);
    } catch (error) {
      throw this.#broken(line, error);
    }
    if (typeof key !== 'string' && typeof key !== 'number') throw this.#broken(line);
    this.#done.add(key);
  }

  #foreign(): CheckpointError {
    return new CheckpointError({
      code: 'NOT_A_CHECKPOINT',
      phase: 'file',
      problem: 'Checkpoint not used',
      reason: `${this.#path} is another kind of file`,
      remedy: 'Name a file that does not exist yet, or one that an earlier run wrote',
    });
  }

  #broken(line: number, cause?: unknown): CheckpointError {
    return new CheckpointError({
      code: 'NOT_A_CHECKPOINT',
      phase: 'file',
      problem: 'Checkpoint not used',
      reason: `line ${line} of ${this.#path} is no key`,
      remedy: 'Remove that line: its item is then done again',
      cause,
    });
  }
}

/** Indices are mostly without gaps: those below the first gap take no memory. */
class DoneKeys {
  readonly #keys = new Set<ItemKey>();
  /** Every index below it is done. */
  #firstGap = 0;

  get size(): number {
    return this.#firstGap + this.#keys.size;
  }

  add(key: ItemKey): void {
    if (this.has(key)) return;
    if (key !== this.#firstGap) {
      this.#keys.add(key);
      return;
    }
    this.#firstGap += 1;
    while (this.#keys.delete(this.#firstGap)) this.#firstGap += 1;
  }

  has(key: ItemKey): boolean {
    const isBeforeGap = typeof key === 'number' && key < this.#firstGap;
    return (isBeforeGap && key >= 0 && Number.isInteger(key)) || this.#keys.has(key);
  }
}

function failed(path: string, reason: string, cause: unknown): CheckpointError {
  return new CheckpointError({
    code: 'CHECKPOINT_FAILED',
    phase: 'file',
    problem: 'Checkpoint not kept',
    reason: `${reason} (${path})`,
    remedy: 'See the cause; check the folder, its permissions and the room on the disk',
    cause,
  });
}
