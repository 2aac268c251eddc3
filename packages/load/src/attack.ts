import { systemClock } from '@needletail/wire';
import type { Clock, Connector } from '@needletail/wire';
import { MeasuredTime } from './collect/measured-time.ts';
import { Recorder } from './collect/recorder.ts';
import type { FailureCount } from './collect/run-summary.ts';
import { OPEN_CONNECTIONS, OPENED } from './collect/tally.ts';
import type { Tally } from './collect/tally.ts';
import { ClosedLoop } from './drive/closed-loop.ts';
import { Course, LONGEST_DRAIN_MS } from './drive/course.ts';
import { OpenLoop } from './drive/open-loop.ts';
import { RawConnection } from './drive/raw-connection.ts';
import { compileRequest } from './drive/render-request.ts';
import { RequestChoice } from './drive/request-choice.ts';
import { Tickets } from './drive/tickets.ts';
import type { Connection, DriveContext, MakeConnection, Traffic } from './drive/traffic.ts';
import { shardArrivals, shardUsers, shareOf } from './pace/pacer.ts';
import { steerable } from './pace/steering.ts';
import type { SteeredPacer, SteeringStep } from './pace/steering.ts';
import type { Plan } from './plan/plan.ts';
import type { Spinning } from './workers/processor-watch.ts';

/** Connections opened ahead get this long before the schedule starts without them. */
const LONGEST_PREOPEN_MS = 1000;

/** One worker's part of a run. */
export interface AttackJob {
  readonly plan: Plan;
  readonly worker: number;
  readonly workers: number;
  readonly dialer: Connector;
  readonly tally: Tally;
  /** From `Tickets.createShared`, the same for all workers. */
  readonly tickets: SharedArrayBuffer;
  readonly clock?: Clock;
  readonly isSaturated?: () => boolean;
  readonly onMeasureStart?: () => void;
}

/** Sends a plan's requests and records what became of them. */
export class Attack {
  readonly recorder: Recorder;
  readonly #job: AttackJob;
  readonly #clock: Clock;
  readonly #connections: Connection[] = [];
  readonly #traffic: Traffic;
  readonly #course: Course;

  constructor(job: AttackJob) {
    const { plan } = job;
    this.#job = job;
    this.#clock = job.clock ?? systemClock;
    const time = new MeasuredTime((from) => {
      this.recorder.restart(from);
      job.onMeasureStart?.();
    });
    this.recorder = new Recorder(job.tally, plan, time);
    const { timeoutMs, warmupMs } = plan;
    const pacer = steerable(plan, warmupMs);
    const traffic = this.#createTraffic(
      { clock: this.#clock, recorder: this.recorder, timeoutMs },
      pacer,
    );
    this.#traffic = traffic;
    this.#course = new Course({
      clock: this.#clock,
      streams: [{ traffic, pacer, isCarriedOut: () => traffic.isFinished }],
      timeoutMs,
      warmupMs,
      isIdle: () => this.#connections.every((connection) => !connection.isBusy),
      patienceMs: () => this.#patienceMs(),
      onStart: (now) => this.recorder.start(now),
      time,
    });
  }

  /** Rounds of the event loop spent spinning towards due times, and the milliseconds they took. */
  get spinning(): Spinning {
    return this.#traffic;
  }

  /** Opens the connections that should be there when the schedule starts. */
  async prepare(): Promise<void> {
    if (!(this.#traffic instanceof OpenLoop)) return;
    const { plan, worker, workers } = this.#job;
    const share = shareOf(plan.preopen, worker, workers);
    this.#traffic.preopen(share, this.#clock.now());
    const { counters } = this.#job.tally;
    const giveUpAt = this.#clock.now() + LONGEST_PREOPEN_MS;
    while (counters[OPENED]! < share && this.#clock.now() < giveUpAt) {
      await new Promise<void>((resolve) => this.#clock.setTimer(1, resolve));
    }
  }

  /** Runs the plan from `startAt` on the clock; resolves when it is over and every connection is closed. */
  async run(startAt: number): Promise<void> {
    await this.#course.run(startAt);
    for (const connection of this.#connections) connection.abandon();
  }

  /** Ends the run early: nothing more is begun, what is in flight is awaited for a moment. */
  stop(): void {
    this.#course.stop();
  }

  /** Pauses, resumes or changes the level at a moment of the schedule. */
  steer(step: SteeringStep): void {
    this.#course.steer(step);
  }

  /** The kinds of failure met so far, if there were new ones since the last call. */
  takeFailures(): readonly FailureCount[] | null {
    return this.recorder.takeFailures();
  }

  #patienceMs(): number {
    const { timeoutMs, maxRequests, maxIterations } = this.#job.plan;
    const isCounted = maxRequests !== null || maxIterations !== null;
    // A run of so many requests ends when the last is answered: opening and answering are bounded by a time-out each.
    return isCounted && this.#traffic.isFinished
      ? LONGEST_DRAIN_MS + 2 * timeoutMs
      : LONGEST_DRAIN_MS;
  }

  #createTraffic(context: DriveContext<Recorder>, whole: SteeredPacer): Traffic {
    const { plan, worker, workers } = this.#job;
    const choice = new RequestChoice(plan);
    const makeConnection = this.#connectionMaker(context);
    if (whole.model === 'open') {
      return new OpenLoop(context, {
        pacer: shardArrivals(whole, worker, workers),
        choice,
        worker,
        workers,
        maxConnections: Math.max(1, shareOf(plan.connections, worker, workers)),
        makeConnection,
        connections: this.#connections,
        isSaturated: this.#job.isSaturated ?? (() => false),
      });
    }
    return new ClosedLoop(context, {
      pacer: shardUsers(whole, worker, workers),
      choice,
      tickets: new Tickets(this.#job.tickets, plan, worker, workers),
      thinkMs: plan.thinkMs,
      makeConnection,
      connections: this.#connections,
    });
  }

  #connectionMaker(context: DriveContext<Recorder>): MakeConnection {
    const { plan, dialer, tally } = this.#job;
    const { counters } = tally;
    const options = {
      dialer,
      requests: plan.requests.map((request) =>
        compileRequest(request, {
          columns: plan.feed?.columns ?? [],
          keepAlive: plan.keepAlive,
          seed: plan.seed,
        }),
      ),
      rows: plan.feed?.rows ?? null,
      keepAlive: plan.keepAlive,
      pipelining: plan.pipelining,
      onOpenChange: (change: 1 | -1) => {
        counters[OPEN_CONNECTIONS]! += change;
        if (change === 1) counters[OPENED]! += 1;
      },
    };
    return (index, traffic) => new RawConnection(index, context, traffic, options);
  }
}
