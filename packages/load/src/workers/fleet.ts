import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { FailureCount } from '../collect/run-summary.ts';
import { Tally } from '../collect/tally.ts';
import { Tickets } from '../drive/tickets.ts';
import type { SteeringStep } from '../pace/steering.ts';
import type { Plan } from '../plan/plan.ts';
import type { Floor, FromWorker, ToWorker, WorkerStart } from './messages.ts';

/** Threads start together this long after they were told to, so that each has heard of it. */
const START_DELAY_MS = 15;
/** Room for short-lived objects: collections stay rare and, as next to nothing survives them, short. */
const YOUNG_GENERATION_MB = 64;

/** Threads run what was compiled also when the main thread runs the source, as in tests: without its loader or conditions. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER_ENTRY = new URL(IS_SOURCE ? '../../dist/worker.js' : '../worker.js', import.meta.url);

/**
 * V8 collects short-lived objects with threads that help each other; on a machine whose cores are busy they wait for each
 * other, and a pause of a tenth of a millisecond becomes several. Next to nothing survives here, so one thread is enough
 * and a young generation of this size keeps pauses short and still fits a cache. Measured while spinning, 90th percentile
 * of pauses: 2.7 ms with helpers and 16 MB, 0.1 ms so. It applies to threads started later.
 */
function keepPausesShort(): void {
  if ('bun' in process.versions) return;
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--min-semi-space-size=4');
}

/** The worker threads of one run, and the shared memory they count in. */
export class Fleet {
  readonly tallies: readonly Tally[];
  readonly floor: Floor;
  readonly #crews: readonly Crew[];

  /** Starts the threads and measures the floor; nothing has been sent to the target yet. */
  static async start(plan: Plan, addresses: readonly string[]): Promise<Fleet> {
    keepPausesShort();
    const tickets = Tickets.createShared();
    const crews = Array.from(
      { length: plan.workers },
      (_, worker) =>
        new Crew({
          plan,
          worker,
          workers: plan.workers,
          addresses,
          tally: new SharedArrayBuffer(Tally.sizeBytes(plan.requests.length)),
          tickets,
          measuresFloor: worker === 0,
        }),
    );
    try {
      const loaded = await Promise.all(crews.map((crew) => crew.loaded));
      return new Fleet(crews, loaded[0]!);
    } catch (error) {
      await Promise.all(crews.map((crew) => crew.terminate()));
      throw error;
    }
  }

  private constructor(crews: readonly Crew[], floor: Floor) {
    this.#crews = crews;
    this.floor = floor;
    this.tallies = crews.map((crew) => crew.tally);
  }

  /** Opens the connections that should be there at the start. */
  async prepare(): Promise<void> {
    for (const crew of this.#crews) crew.post({ type: 'prepare' });
    await Promise.all(this.#crews.map((crew) => crew.ready));
  }

  /** Lets all threads begin at the same moment; gives that moment as milliseconds of `performance.now()`. */
  go(): number {
    const startAt = performance.now() + START_DELAY_MS;
    const startAtEpochMs = performance.timeOrigin + startAt;
    for (const crew of this.#crews) crew.post({ type: 'go', startAtEpochMs });
    return startAt;
  }

  /** Lets all threads make the same change at the same moment of the schedule. */
  steer(step: SteeringStep): void {
    for (const crew of this.#crews) crew.post({ type: 'control', step });
  }

  stop(): void {
    for (const crew of this.#crews) crew.post({ type: 'stop' });
  }

  /** Resolves when every thread has finished; rejects with the error that ended one. */
  async finished(): Promise<void> {
    try {
      await Promise.all(this.#crews.map((crew) => crew.done));
    } finally {
      await Promise.all(this.#crews.map((crew) => crew.terminate()));
    }
  }

  /** Failures of all threads by kind and message, most frequent first. */
  failures(): readonly FailureCount[] {
    const merged = new Map<string, FailureCount>();
    for (const failure of this.#crews.flatMap((crew) => crew.failures)) {
      const key = `${failure.kind} ${failure.message}`;
      const known = merged.get(key);
      merged.set(key, { ...failure, count: failure.count + (known?.count ?? 0) });
    }
    return [...merged.values()].toSorted((left, right) => right.count - left.count);
  }
}

/** One worker thread as the main thread sees it. */
class Crew {
  readonly tally: Tally;
  failures: readonly FailureCount[] = [];
  readonly loaded: Promise<Floor | null>;
  readonly ready: Promise<void>;
  readonly done: Promise<void>;
  readonly #thread: Worker;

  constructor(start: WorkerStart) {
    this.tally = new Tally(start.plan.requests.length, start.tally);
    this.#thread = new Worker(WORKER_ENTRY, {
      workerData: start,
      name: `needletail-${start.worker}`,
      ...(IS_SOURCE ? { execArgv: [] } : {}),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    const loaded = new Stage<Floor | null>();
    const ready = new Stage<void>();
    const done = new Stage<void>();
    this.#thread.on('message', (message: FromWorker) => {
      if (message.type === 'loaded') loaded.resolve(message.floor);
      else if (message.type === 'ready') ready.resolve();
      else if (message.type === 'failures') this.failures = message.failures;
      else done.resolve();
    });
    const fail = (error: unknown): void => {
      for (const stage of [loaded, ready, done]) stage.reject(error);
    };
    this.#thread.on('error', fail);
    this.#thread.on('exit', () => fail(new Error('A worker thread ended before its run did.')));
    this.loaded = loaded.promise;
    this.ready = ready.promise;
    this.done = done.promise;
  }

  post(message: ToWorker): void {
    this.#thread.postMessage(message);
  }

  async terminate(): Promise<void> {
    await this.#thread.terminate();
  }
}

/** A point that a thread reaches once; settled from outside by its messages. */
class Stage<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A stage that nobody awaits any more must not count as an unhandled rejection; whoever awaits it still sees it.
    this.promise.catch(() => undefined);
  }
}
