/** Where lines go: a file stream, a socket, `process.stdout`. */
export interface LineDestination {
  /** False when it does not keep up; `drain` follows. */
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

export interface LineWriterOptions {
  /** Lines wait so long to be written together. */
  readonly flushMs: number;
  /** What may wait for a destination that does not keep up, in characters; lines beyond are dropped, and counted. */
  readonly maxWaiting: number;
  /** Given the number of lines that were dropped, the line that says so. */
  readonly dropped: (count: number) => string;
}

/** So much is written at once, whatever the time. */
const FULL = 64 * 1024;

/** Writers with lines that were not written; a process that exits writes them first. */
const unwritten = new Set<LineWriter>();
let isWatchingExit = false;

/** Joins lines into few writes, and never lets them fill the memory. */
export class LineWriter {
  readonly #destination: LineDestination;
  readonly #options: LineWriterOptions;
  #text = '';
  #droppedCount = 0;
  #isBlocked = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(destination: LineDestination, options: LineWriterOptions) {
    this.#destination = destination;
    this.#options = options;
  }

  /** `line` without its end. */
  write(line: string): void {
    if (this.#text.length + line.length >= this.#options.maxWaiting) {
      this.#droppedCount += 1;
      return;
    }
    if (this.#text === '') this.#remember();
    this.#text += `${line}\n`;
    if (this.#isBlocked) return;
    if (this.#text.length >= FULL) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#options.flushMs);
  }

  /** Hands everything that waits to the destination. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    unwritten.delete(this);
    let text = this.#text;
    this.#text = '';
    if (this.#droppedCount > 0) text += `${this.#options.dropped(this.#droppedCount)}\n`;
    this.#droppedCount = 0;
    if (text === '' || this.#destination.write(text) || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#destination.once('drain', () => {
      this.#isBlocked = false;
      this.flush();
    });
  }

  #remember(): void {
    unwritten.add(this);
    if (isWatchingExit) return;
    isWatchingExit = true;
    process.on('exit', () => {
      for (const writer of unwritten) writer.flush();
    });
  }
}
