import { availableParallelism } from 'node:os';
import { systemClock, type Clock } from '@needletail/wire';
import { checkedCount, checkedNumber } from '../model/invalid-option.ts';
import { ParseThread, type ParseTask } from './parse-thread.ts';
import { workerError } from './worker-error.ts';

export interface ParseWorkersOptions {
  /** The function of the module to call; `default` unless set. */
  readonly exportName?: string;
  /** Threads; one less than the machine has cores unless set. They start when there is work for them. */
  readonly workers?: number;
  /** For one body, from when a thread takes it; 30 000 unless set. The thread is ended then: nothing else stops a loop. */
  readonly timeoutMs?: number;
  /** Bodies that may wait for a thread; 1024 unless set. */
  readonly maxQueue?: number;
  /** For tests. */
  readonly clock?: Clock;
}

/** Whatever has a body that was read: a `ClientResponse`. */
interface HasBytes {
  bytes(): Uint8Array;
}

/** Parses in other threads; fits `parse` of `collect`. */
export interface ParseInWorkers<Value> {
  /**
   * Resolves with what the function made of the bytes; both that and `item` must survive a structured clone. Rejects with
   * WorkerError: what the function threw is its cause.
   */
  (source: HasBytes | Uint8Array, item?: unknown): Promise<Value>;
  /** Bodies that wait for a thread. */
  readonly waiting: number;
  /** Ends the threads; what they were at, and what waits, rejects. Idle threads keep no process alive. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Threads that run a function of the module at `module` (a URL, such as `new URL('./parse.js', import.meta.url)`):
 * `(bytes: Uint8Array, item: unknown) => value`. Worth it where parsing a body takes a millisecond and more; a copy of the
 * bytes is moved there. A thread that dies is replaced, and only the body it was at is lost.
 */
export function parseInWorkers<Value = unknown>(
  module: string | URL,
  options: ParseWorkersOptions = {},
): ParseInWorkers<Value> {
  const pool = new ParsePool<Value>(String(module), options);
  const parse = (source: HasBytes | Uint8Array, item?: unknown): Promise<Value> =>
    pool.parse(source instanceof Uint8Array ? source : source.bytes(), item);
  const close = (): Promise<void> => pool.close();
  const callable = Object.assign(parse, { waiting: 0, close, [Symbol.asyncDispose]: close });
  return Object.defineProperty(callable, 'waiting', { get: () => pool.waiting });
}

class ParsePool<Value> {
  readonly #module: string;
  readonly #exportName: string;
  readonly #workers: number;
  readonly #timeoutMs: number;
  readonly #maxQueue: number;
  readonly #clock: Clock;
  readonly #threads = new Set<ParseThread>();
  readonly #idle: ParseThread[] = [];
  #queue: ParseTask[] = [];
  #isClosed = false;

  constructor(module: string, options: ParseWorkersOptions) {
    const { exportName = 'default', timeoutMs = 30_000, maxQueue = 1024 } = options;
    this.#module = module;
    this.#exportName = exportName;
    const workers = options.workers ?? Math.max(1, availableParallelism() - 1);
    this.#workers = checkedCount('workers', workers, 1);
    this.#timeoutMs = checkedNumber('timeoutMs', timeoutMs, 1);
    this.#maxQueue = checkedCount('maxQueue', maxQueue, 0);
    this.#clock = options.clock ?? systemClock;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  parse(bytes: Uint8Array, item: unknown): Promise<Value> {
    if (this.#isClosed) return Promise.reject(closed());
    const isBusy = this.#idle.length === 0 && this.#threads.size === this.#workers;
    if (isBusy && this.#queue.length >= this.#maxQueue) {
      return Promise.reject(
        workerError(
          'QUEUE_FULL',
          `${this.#queue.length} bodies wait for ${this.#workers} threads`,
          'Lower the concurrency, or raise workers or maxQueue',
        ),
      );
    }
    return new Promise<Value>((resolve, reject) => {
      this.#queue.push({ bytes, item, resolve: resolve as (value: unknown) => void, reject });
      this.#dispatch();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const waiting = this.#queue;
    this.#queue = [];
    for (const { reject } of waiting) reject(closed());
    await Promise.all([...this.#threads].map((thread) => thread.end(closed())));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const thread = this.#idle.pop() ?? this.#startThread();
      if (thread === null) return;
      thread.run(this.#queue.shift()!);
    }
  }

  #startThread(): ParseThread | null {
    if (this.#threads.size === this.#workers) return null;
    const thread = new ParseThread(
      { module: this.#module, exportName: this.#exportName },
      { timeoutMs: this.#timeoutMs, clock: this.#clock },
      {
        onIdle: () => {
          this.#idle.push(thread);
          this.#dispatch();
        },
        onGone: () => {
          this.#threads.delete(thread);
          const at = this.#idle.indexOf(thread);
          if (at !== -1) this.#idle.splice(at, 1);
          this.#dispatch();
        },
      },
    );
    this.#threads.add(thread);
    return thread;
  }
}

function closed(): ReturnType<typeof workerError> {
  return workerError('POOL_CLOSED', 'the threads were closed', 'Close them when all is parsed');
}
