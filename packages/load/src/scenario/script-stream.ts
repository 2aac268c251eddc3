import type { Clock } from '@needletail/wire';
import { IterationRecorder } from '../collect/iteration-recorder.ts';
import { ClosedLoop } from '../drive/closed-loop.ts';
import type { CourseStream } from '../drive/course.ts';
import { OpenLoop } from '../drive/open-loop.ts';
import { RequestChoice } from '../drive/request-choice.ts';
import { Tickets } from '../drive/tickets.ts';
import type { DriveContext, Traffic } from '../drive/traffic.ts';
import { createPacer, shardArrivals, shardUsers, shareOf } from '../pace/pacer.ts';
import { steerable, type SteeredPacer } from '../pace/steering.ts';
import { warmUpRequests } from '../pace/warm-up.ts';
import type { LoadSpec } from '../plan/plan.ts';
import type { StreamPlan } from '../plan/script-plan.ts';
import type { UserFunction } from './definition.ts';
import { FeedRows, mostIterations, shortestUnique } from './feed-rows.ts';
import type { ScriptThread } from './script-thread.ts';
import { VirtualUser } from './virtual-user.ts';

/** With all iterations of a counted stream begun, those that neither ask nor think for so long are not waited for. */
const LONGEST_STANDSTILL_MS = 30_000;

export interface ScriptStreamOptions {
  readonly index: number;
  readonly worker: number;
  readonly workers: number;
  /** From `Tickets.createShared`, the same for all workers. */
  readonly tickets: SharedArrayBuffer;
  readonly functionOf: (scenario: number) => UserFunction;
  readonly signal: AbortSignal;
  readonly isSaturated: () => boolean;
}

/** One load of a script and its users in this thread. */
export class ScriptStream implements CourseStream {
  readonly index: number;
  readonly recorder: IterationRecorder;
  readonly rows: FeedRows;
  readonly signal: AbortSignal;
  readonly functionOf: (scenario: number) => UserFunction;
  readonly traffic: Traffic;
  readonly pacer: SteeredPacer;
  /** Nothing more is sent: its time is over. */
  isClosed = false;
  readonly #users: VirtualUser[] = [];
  readonly #thread: ScriptThread;
  readonly #plan: StreamPlan;
  readonly #names: readonly string[];
  readonly #worker: number;
  readonly #workers: number;
  #openBefore = -1;
  #movedAt = Infinity;

  constructor(thread: ScriptThread, options: ScriptStreamOptions) {
    const { index, worker, workers } = options;
    const { plan, script, clock, tally, time } = thread;
    const stream = script.streams[index]!;
    this.index = index;
    this.signal = options.signal;
    this.functionOf = options.functionOf;
    const { scenarios } = stream;
    this.recorder = new IterationRecorder({ tally, stream: index, scenarios, time });
    this.rows = new FeedRows(script, plan.seed, index);
    this.#thread = thread;
    this.#plan = stream;
    this.#names = script.scenarios.map(({ name }) => name);
    this.#worker = worker;
    this.#workers = workers;
    this.pacer = this.#createPacer();
    this.traffic = this.#createTraffic(clock, options);
  }

  /** What was due before the end has been begun; from here on whatever asks for more waits for ever. */
  readonly onStopped = (): void => {
    this.isClosed = true;
  };

  /** Counted streams wait for their last iterations; one that stands still for long is hung. */
  isCarriedOut(now: number): boolean {
    if (!this.traffic.isFinished) return false;
    if (this.#users.every((user) => !user.isBusy)) return true;
    const { log, thinking } = this.#thread;
    const openNow = log.open.size + thinking;
    const isMoving = openNow > 0 || openNow !== this.#openBefore;
    this.#openBefore = openNow;
    if (isMoving) this.#movedAt = now;
    return now - this.#movedAt >= LONGEST_STANDSTILL_MS;
  }

  scenarioAt(position: number): number {
    return this.#plan.scenarios[position]!;
  }

  nameOf(scenario: number): string {
    return this.#names[scenario]!;
  }

  /** Unique among all workers. */
  userNumber(index: number): number {
    return index * this.#workers + this.#worker;
  }

  /** The end of the run: what is under way counts as in flight. */
  abandon(): void {
    this.isClosed = true;
    for (const user of this.#users) user.abandon();
  }

  #createPacer(): SteeredPacer {
    const { plan, script } = this.#thread;
    const { load } = this.#plan;
    const { seed, warmupMs } = plan;
    const { maxIterations } = this.#plan;
    const rows = shortestUnique(script, this.index)?.iterations ?? Infinity;
    // Rows are dealt by the number of the iteration, and those of the warm-up have numbers too.
    const warmUpCount = rows === Infinity ? 0 : warmUpIterations(load, seed, warmupMs);
    const most = Math.min(maxIterations ?? Infinity, Math.max(0, rows - warmUpCount));
    return steerable({ load, seed, maxRequests: most === Infinity ? null : most }, warmupMs);
  }

  #createTraffic(
    clock: Clock,
    { worker, workers, tickets, isSaturated }: ScriptStreamOptions,
  ): Traffic {
    const { pacer } = this;
    const { plan, script } = this.#thread;
    const { scenarios, maxUsers, thinkMs } = this.#plan;
    const context: DriveContext = { clock, recorder: this.recorder, timeoutMs: plan.timeoutMs };
    const requests = scenarios.map((scenario) => script.scenarios[scenario]!);
    const seed = plan.seed + this.index;
    const common = {
      choice: new RequestChoice({ requests, order: 'weighted', seed }),
      connections: this.#users,
      makeConnection: (index: number, traffic: Traffic) =>
        new VirtualUser(index, traffic, this, this.#thread),
    };
    if (pacer.model === 'closed') {
      const limits = { maxRequests: null, maxIterations: mostIterations(script, this.index) };
      return new ClosedLoop(context, {
        ...common,
        pacer: shardUsers(pacer, worker, workers),
        tickets: new Tickets(tickets, limits, worker, workers),
        thinkMs,
      });
    }
    return new OpenLoop(context, {
      ...common,
      pacer: shardArrivals(pacer, worker, workers),
      worker,
      workers,
      maxConnections: Math.max(1, shareOf(maxUsers, worker, workers)),
      isSaturated,
    });
  }
}

function warmUpIterations(load: LoadSpec, seed: number, warmupMs: number): number {
  const pacer = createPacer({ load, seed, maxRequests: null });
  return pacer.model === 'open' ? warmUpRequests(pacer, warmupMs) : 0;
}
