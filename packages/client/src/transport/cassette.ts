import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { MockError } from '../errors.ts';

/** An exchange as it is written: one line of JSON. */
export interface RecordedExchange {
  readonly request: {
    readonly method: string;
    readonly url: string;
    /** For people; a replay does not look at them. */
    readonly headers: readonly (readonly [name: string, value: string])[];
    /** SHA-256 in hexadecimal; null without a body. */
    readonly bodyHash: string | null;
  };
  readonly response: {
    readonly status: number;
    readonly reason: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    /** Text where it is UTF-8 without a content coding. */
    readonly text?: string;
    readonly base64?: string;
    readonly trailers?: readonly (readonly [name: string, value: string])[];
  };
}

/** The first line: a file that begins otherwise is somebody else's, and is not touched. */
const HEADER = '{"cassette":"needletail/1"}';

/** A file of exchanges, one a line, that is only ever appended to. */
export class Cassette {
  readonly #path: string;
  readonly #exchanges = new Map<string, RecordedExchange[]>();
  readonly #played = new Map<string, number>();
  /** Lines are written one after the other. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string) {
    this.#path = path;
  }

  /** An empty one in place of whatever was recorded under `path`; refuses to replace another kind of file. */
  static async create(path: string): Promise<Cassette> {
    await Cassette.#read(path);
    const cassette = new Cassette(path);
    await cassette.#guard(() => writeFile(path, `${HEADER}\n`));
    return cassette;
  }

  /** What is recorded under `path`; a file that is not there is begun if it `mayBegin`. */
  static async load(path: string, mayBegin: boolean): Promise<Cassette> {
    const text = await Cassette.#read(path);
    const cassette = new Cassette(path);
    if (text === null) {
      if (!mayBegin) throw failed(path, 'it is not there', 'Record it first: mode record or auto');
      await cassette.#guard(() => writeFile(path, `${HEADER}\n`));
      return cassette;
    }
    const lines = text.split('\n').slice(1);
    for (const [index, line] of lines.entries()) {
      if (line !== '') cassette.#keep(parseLine(path, line, index + 2));
    }
    return cassette;
  }

  static async #read(path: string): Promise<string | null> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw failed(path, 'it cannot be read', 'See the cause', error);
    }
    if (text === '' || text.split('\n', 1)[0] === HEADER) return text === '' ? null : text;
    throw notCassette(path, 'it is another kind of file', 'Name another file');
  }

  /** The next answer recorded under `key`; the last of them stays. Undefined where there is none. */
  play(key: string): RecordedExchange | undefined {
    const recorded = this.#exchanges.get(key);
    if (recorded === undefined) return undefined;
    const played = this.#played.get(key) ?? 0;
    this.#played.set(key, played + 1);
    return recorded[Math.min(played, recorded.length - 1)];
  }

  /** Resolves when it is written. */
  async record(exchange: RecordedExchange): Promise<void> {
    this.#keep(exchange);
    const line = `${JSON.stringify(exchange)}\n`;
    const written = this.#writing.then(() => this.#guard(() => appendFile(this.#path, line)));
    // Whoever recorded this one hears of it; the next one tries anew.
    this.#writing = written.catch(() => undefined);
    await written;
  }

  #keep(exchange: RecordedExchange): void {
    const key = keyOf(exchange.request);
    const recorded = this.#exchanges.get(key);
    if (recorded === undefined) this.#exchanges.set(key, [exchange]);
    else recorded.push(exchange);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw failed(this.#path, 'it cannot be written', 'See the cause', error);
    }
  }
}

/** What tells requests apart. */
export function keyOf({
  method,
  url,
  bodyHash,
}: Omit<RecordedExchange['request'], 'headers'>): string {
  return `${method} ${url} ${bodyHash ?? ''}`;
}

function parseLine(path: string, line: string, number: number): RecordedExchange {
  try {
    const exchange = JSON.parse(line) as RecordedExchange;
    if (typeof exchange.request.url === 'string' && Number.isInteger(exchange.response.status)) {
      return exchange;
    }
  } catch (error) {
    throw notCassette(path, `line ${number} is no JSON`, 'Remove that line, or record anew', error);
  }
  throw notCassette(path, `line ${number} is no exchange`, 'Remove that line, or record anew');
}

function notCassette(path: string, reason: string, remedy: string, cause?: unknown): MockError {
  return new MockError({
    code: 'NOT_A_CASSETTE',
    phase: 'file',
    problem: 'Recording not used',
    reason: `${reason} (${path})`,
    remedy,
    cause,
  });
}

function failed(path: string, reason: string, remedy: string, cause?: unknown): MockError {
  return new MockError({
    code: 'CASSETTE_FAILED',
    phase: 'file',
    problem: 'Recording not kept',
    reason: `${reason} (${path})`,
    remedy,
    cause,
  });
}
