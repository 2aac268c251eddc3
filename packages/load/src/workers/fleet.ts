import { setFlagsFromString } from 'node:v8';
import type { FailureCount } from '../collect/run-summary.ts';
import { MOST_ENDPOINTS } from '../collect/script-names.ts';
import { Tally } from '../collect/tally.ts';
import { Tickets } from '../drive/tickets.ts';
import type { SteeringStep } from '../pace/steering.ts';
import type { Plan } from '../plan/plan.ts';
import { Crew, startThread, type StartRunner } from './crew.ts';
import type { Floor, WorkerStart } from './messages.ts';
import { FleetScripts } from './fleet-scripts.ts';

/** Threads start together this long after they were told to, so that each has heard of it. */
const START_DELAY_MS = 15;

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
  /** Null unless users are scripts. */
  readonly scripts: FleetScripts | null;
  readonly #crews: readonly Crew[];

  /** Starts the threads and measures the floor; nothing has been sent to the target yet. */
  static async start(plan: Plan, addresses: readonly string[]): Promise<Fleet> {
    keepPausesShort();
    return Fleet.#launch(plan, addresses, startThread);
  }

  /** The same within this thread, for a script that cannot leave it. */
  static startHere(plan: Plan, addresses: readonly string[], runner: StartRunner): Promise<Fleet> {
    return Fleet.#launch(plan, addresses, runner);
  }

  static async #launch(
    plan: Plan,
    addresses: readonly string[],
    startRunner: StartRunner,
  ): Promise<Fleet> {
    const { script } = plan;
    const scripts = script === null ? null : new FleetScripts(plan, script);
    const endpoints = script === null ? plan.requests.length : MOST_ENDPOINTS + 1;
    const common = { plan, workers: plan.workers, addresses, tickets: Tickets.createShared() };
    const crews = Array.from({ length: plan.workers }, (_, worker) => {
      const start: WorkerStart = {
        ...common,
        worker,
        tally: new SharedArrayBuffer(Tally.sizeBytes(endpoints)),
        measuresFloor: worker === 0,
        script: scripts?.startOf() ?? null,
      };
      return new Crew(start, startRunner, scripts ?? NO_EVENTS, endpoints);
    });
    scripts?.watch(crews);
    try {
      const loaded = await Promise.all(crews.map((crew) => crew.loaded));
      return new Fleet(crews, loaded[0]!, scripts);
    } catch (error) {
      scripts?.close();
      await Promise.all(crews.map((crew) => crew.terminate()));
      throw error;
    }
  }

  private constructor(crews: readonly Crew[], floor: Floor, scripts: FleetScripts | null) {
    this.#crews = crews;
    this.floor = floor;
    this.scripts = scripts;
    this.tallies = crews.map((crew) => crew.tally);
  }

  /** Opens the connections that should be there at the start; of scripts, runs `setup` and hands its result to all. */
  async prepare(signal?: AbortSignal): Promise<void> {
    try {
      const shared = await unlessAborted(this.scripts?.setUp() ?? Promise.resolve(), signal);
      for (const crew of this.#crews) crew.post({ type: 'prepare', shared });
      await Promise.all(this.#crews.map((crew) => crew.ready));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Lets all threads begin at the same moment; gives that moment as milliseconds of `performance.now()`. */
  go(): number {
    const startAt = performance.now() + START_DELAY_MS;
    const startAtEpochMs = performance.timeOrigin + startAt;
    for (const crew of this.#crews) crew.post({ type: 'go', startAtEpochMs });
    return startAt;
  }

  /** Makes a change in all threads, at the same moment of the schedule. */
  steer(step: SteeringStep): void {
    for (const crew of this.#crews) crew.post({ type: 'control', step });
  }

  stop(): void {
    for (const crew of this.#crews) crew.post({ type: 'stop' });
  }

  /** Resolves when every thread has finished, and what a script has set up is torn down; rejects with the error that ended one. */
  async finished(): Promise<void> {
    try {
      await Promise.all(this.#crews.map((crew) => crew.done));
      await this.scripts?.tearDown();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.scripts?.close();
    await Promise.all(this.#crews.map((crew) => crew.terminate()));
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

/** Crews without scripts tell of nothing that scripts do. */
const NO_EVENTS = {
  onStopAsked: () => undefined,
  onExchange: () => undefined,
  onMessage: () => undefined,
  explainFault: ({ message }: { readonly message: string }) => new Error(message),
  onLost: () => false,
};

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new SetupInterrupted());
    signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The run was interrupted before anything was measured. */
export class SetupInterrupted extends Error {
  override readonly name = 'SetupInterrupted';
}
