import { Worker } from 'node:worker_threads';
import type { Clock, TimerHandle } from '@needletail/wire';
import type { ParseJob, ParseOutcome, ParseWorkerStart, ThrownInWorker } from './parse-worker.ts';
import { workerError } from './worker-error.ts';

/** One body to parse, and whom to tell. */
export interface ParseTask {
  readonly bytes: Uint8Array;
  readonly item: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface ParseThreadEvents {
  onIdle(): void;
  /** The thread has ended; the task it was at has been told. */
  onGone(): void;
}

/** Threads run what was compiled also when this runs from source, as in tests: without its loader or conditions. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = new URL(
  IS_SOURCE ? '../../dist/batch/parse-worker.js' : './parse-worker.js',
  import.meta.url,
);

/** One worker thread, at one task at a time. */
export class ParseThread {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #events: ParseThreadEvents;
  #task: ParseTask | null = null;
  #timer: TimerHandle = null;

  constructor(
    start: ParseWorkerStart,
    { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
    events: ParseThreadEvents,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#events = events;
    this.#worker = new Worker(ENTRY, {
      workerData: start,
      name: 'needletail-parse',
      ...(IS_SOURCE ? { execArgv: [] } : {}),
    });
    this.#worker.on('message', (outcome: ParseOutcome) => this.#onOutcome(outcome));
    this.#worker.on('error', (error) => this.#crash(error));
    this.#worker.on('exit', (code) => {
      this.#crash(new Error(`the thread exited with code ${code}`));
      events.onGone();
    });
  }

  run(task: ParseTask): void {
    // The bytes may be part of a buffer that others share: what is moved must be a copy of its own.
    const bytes = new Uint8Array(task.bytes);
    try {
      const job: ParseJob = { bytes, item: task.item };
      this.#worker.postMessage(job, [bytes.buffer]);
    } catch (error) {
      task.reject(
        workerError(
          'PARSE_FAILED',
          'its item cannot be sent to a thread',
          'Give items that can be cloned',
          error,
        ),
      );
      this.#events.onIdle();
      return;
    }
    this.#task = task;
    this.#worker.ref();
    if (this.#timeoutMs === Infinity) return;
    this.#timer = this.#clock.setTimer(this.#timeoutMs, () => {
      const reason = `it took more than ${this.#timeoutMs} ms`;
      void this.end(workerError('PARSE_TIMEOUT', reason, 'Check its content, or raise timeoutMs'));
    });
  }

  /** Ends the thread; the task it is at rejects with `error`. */
  async end(error: Error): Promise<void> {
    this.#release()?.reject(error);
    await this.#worker.terminate();
  }

  #onOutcome(outcome: ParseOutcome): void {
    const task = this.#release();
    if (task === null) return;
    if (outcome.ok) task.resolve(outcome.value);
    else task.reject(parseFailed(outcome.error));
    this.#worker.unref();
    this.#events.onIdle();
  }

  #crash(error: unknown): void {
    this.#release()?.reject(
      workerError(
        'WORKER_CRASHED',
        'its thread died',
        'See the cause; the next body gets a new thread',
        error,
      ),
    );
  }

  #release(): ParseTask | null {
    const task = this.#task;
    this.#task = null;
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#timer = null;
    return task;
  }
}

function parseFailed({ name, message, stack }: ThrownInWorker): Error {
  const cause = new Error(message);
  cause.name = name;
  if (stack !== undefined) cause.stack = stack;
  return workerError(
    'PARSE_FAILED',
    `the function threw ${name}: ${message}`,
    'See the cause for where it was thrown',
    cause,
  );
}
