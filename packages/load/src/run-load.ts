import { LinkError, resolveHost } from '@needletail/wire';
import { Histogram } from '@needletail/stats';
import { ledgerSoFar } from './collect/ledger.ts';
import type { LiveSnapshot, RunSummary, SeriesPoint } from './collect/run-summary.ts';
import {
  busiestShare,
  plannedSendingMs,
  starvedPercentOf,
  summarize,
} from './collect/summarize.ts';
import { RunControl } from './control/run-control.ts';
import { OPEN_CONNECTIONS, OPENED, Tally } from './collect/tally.ts';
import { ThresholdWatch } from './collect/threshold-watch.ts';
import { parseThreshold } from './collect/threshold.ts';
import { Timeline } from './collect/timeline.ts';
import type { Plan } from './plan/plan.ts';
import { targetOf } from './plan/target-of.ts';
import { toolVersion } from './tool-version.ts';
import { Fleet } from './workers/fleet.ts';

const LOOK_EVERY_MS = 1000;
/** A target to which no connection could be opened for this long is not going to be measured. */
const GIVE_UP_AFTER_MS = 1000;

export interface RunOptions {
  /** Ends the run early: it drains and reports what was measured. */
  readonly signal?: AbortSignal;
  /** Called about once a second. */
  readonly onSnapshot?: (snapshot: LiveSnapshot) => void;
  /** Pauses, resumes, changes or ends the run while it is under way. */
  readonly control?: RunControl;
}

export interface RunResult {
  readonly summary: RunSummary;
  /** Whole-run latency and service time in microseconds, for exchange formats. */
  readonly latency: Histogram;
  readonly serviceTime: Histogram;
}

/** Runs a plan in worker threads and reports; rejects only when the generator itself breaks. */
export async function runLoad(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  let addresses: readonly string[];
  try {
    addresses = await resolveHost(targetOf(plan).host, options.signal);
  } catch (error) {
    if (options.signal?.aborted === true)
      return new Run(plan, null, options).report('interrupted', null);
    if (!(error instanceof LinkError)) throw error;
    return new Run(plan, null, options).report('unreachable', error.message);
  }
  const fleet = await Fleet.start(plan, addresses);
  return new Run(plan, fleet, options).carryOut();
}

type Ended = RunSummary['ended'];

/** One run as the main thread sees it: it starts the fleet, looks at it once a second and ends it. */
class Run {
  readonly #plan: Plan;
  readonly #fleet: Fleet | null;
  readonly #options: RunOptions;
  readonly #timeline: Timeline;
  readonly #watch: ThresholdWatch;
  readonly #judgesLatency: boolean;
  readonly #plannedMs: number;
  readonly #control: RunControl;
  #startedAt = performance.now();
  #startedOn = new Date();
  #sendingEndedAt = Infinity;
  #ended: Ended = 'complete';

  constructor(plan: Plan, fleet: Fleet | null, options: RunOptions) {
    this.#plan = plan;
    this.#fleet = fleet;
    this.#options = options;
    this.#timeline = new Timeline(fleet?.tallies ?? [new Tally(plan.requests.length)]);
    const thresholds = plan.thresholds.map(parseThreshold);
    this.#watch = new ThresholdWatch(
      thresholds,
      plan.requests.map((request) => request.name),
    );
    this.#judgesLatency = thresholds.some((threshold) => threshold.isLatency);
    this.#plannedMs = plannedSendingMs(plan);
    this.#control = options.control ?? new RunControl();
  }

  async carryOut(): Promise<RunResult> {
    const fleet = this.#fleet!;
    const { signal } = this.#options;
    const interrupt = (): void => this.#end('interrupted');
    try {
      if (signal?.aborted !== true) await fleet.prepare();
      const goAt = fleet.go();
      this.#startedAt = goAt + this.#plan.warmupMs;
      this.#control.attach({
        plan: this.#plan,
        startedAt: goAt,
        steer: (step) => fleet.steer(step),
        stop: interrupt,
      });
      this.#startedOn = new Date(performance.timeOrigin + this.#startedAt);
      if (signal?.aborted === true) interrupt();
      else signal?.addEventListener('abort', interrupt);
      const clock = this.#lookRegularly();
      await fleet.finished();
      clearTimeout(clock.timer);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#control.detach();
    }
    return this.report(
      this.#ended,
      fleet.failures().find(({ kind }) => kind === 'connect')?.message ?? null,
    );
  }

  /** Draws up the result from what the tallies hold now. */
  report(ended: Ended, unreachableCause: string | null): RunResult {
    const elapsedMs = performance.now() - this.#startedAt;
    this.#timeline.refresh();
    const { total } = this.#timeline;
    const sendingMs = this.#sendingMs(elapsedMs);
    const pausedMs = this.#pausedMs(sendingMs);
    this.#watch.look(total, sendingMs - pausedMs);
    const lastPoint = this.#timeline.points.at(-1)?.t ?? 0;
    if (this.#fleet !== null && sendingMs / 1000 - lastPoint > 0.05) this.#mark(sendingMs);
    const opened = total.counters[OPENED]! > 0;
    const summary = summarize({
      plan: this.#plan,
      toolVersion: toolVersion(),
      startedAt: this.#startedOn,
      ended: ended === 'complete' && !opened ? 'unreachable' : ended,
      unreachableCause,
      sendingMs,
      lastEndMs: this.#timeline.lastEndMs,
      total,
      workers: this.#fleet?.tallies ?? [],
      failures: this.#fleet?.failures() ?? [],
      series: this.#timeline.points,
      thresholds: this.#watch.results(total, sendingMs - pausedMs),
      control: this.#control.events,
      pausedMs,
      judgesLatency: this.#judgesLatency,
      floor: this.#fleet?.floor ?? { p50: 0, p99: 0 },
    });
    return { summary, latency: total.latency, serviceTime: total.serviceTime };
  }

  /** Milliseconds during which requests were begun. */
  #sendingMs(elapsedMs: number): number {
    if (this.#fleet === null) return 0;
    const { lastEndMs } = this.#timeline;
    if (this.#sendingEndedAt !== Infinity)
      return Math.max(0, this.#sendingEndedAt - this.#startedAt);
    const plannedMs = this.#plannedMs + this.#pausedMs(elapsedMs);
    return Number.isFinite(plannedMs) ? Math.min(plannedMs, elapsedMs) : lastEndMs;
  }

  /** Time paused until then; both from the end of the warm-up. */
  #pausedMs(elapsedMs: number): number {
    return this.#control.pausedMs(elapsedMs + this.#plan.warmupMs);
  }

  #end(ended: Ended): void {
    if (this.#sendingEndedAt !== Infinity) return;
    this.#ended = ended;
    this.#sendingEndedAt = performance.now();
    this.#fleet!.stop();
  }

  #lookRegularly(): { timer: NodeJS.Timeout } {
    const clock = { timer: setTimeout(() => undefined, 0) };
    let nextAt = this.#startedAt - this.#plan.warmupMs;
    const look = (): void => {
      nextAt += LOOK_EVERY_MS;
      clock.timer = setTimeout(
        () => {
          this.#look();
          look();
        },
        Math.max(1, nextAt - performance.now()),
      );
    };
    look();
    return clock;
  }

  #look(): void {
    const elapsedMs = performance.now() - this.#startedAt;
    const warmingUp = elapsedMs < 0;
    if (warmingUp) this.#timeline.refresh();
    const pausedMs = this.#pausedMs(elapsedMs);
    const isSending =
      this.#sendingEndedAt === Infinity &&
      elapsedMs <= this.#plannedMs + pausedMs + LOOK_EVERY_MS / 2;
    const point = warmingUp || !isSending ? null : this.#mark(elapsedMs);
    const { total } = this.#timeline;
    const sinceStartMs = elapsedMs + this.#plan.warmupMs;
    if (total.counters[OPENED] === 0 && sinceStartMs >= GIVE_UP_AFTER_MS - 50) {
      if (this.#fleet!.failures().length > 0) this.#end('unreachable');
    }
    if (warmingUp) this.#watch.reset();
    else if (this.#watch.isNeeded && this.#watch.look(total, elapsedMs - pausedMs) !== null)
      this.#end('aborted');
    this.#options.onSnapshot?.(this.#snapshot(elapsedMs, point));
  }

  #mark(elapsedMs: number): SeriesPoint {
    this.#timeline.refresh();
    return this.#timeline.mark(elapsedMs, this.#timeline.users);
  }

  #snapshot(elapsedMs: number, point: SeriesPoint | null): LiveSnapshot {
    const fleet = this.#fleet!;
    const { total } = this.#timeline;
    return {
      elapsedMs: Math.max(0, elapsedMs),
      plannedMs: Number.isFinite(this.#plannedMs)
        ? this.#plannedMs + this.#pausedMs(elapsedMs)
        : null,
      plannedRequests: this.#plan.maxRequests,
      warmingUp: elapsedMs < 0,
      ledger: ledgerSoFar(total),
      status: this.#timeline.status,
      failures: fleet.failures(),
      point: point ?? this.#timeline.points.at(-1) ?? NOTHING_YET,
      scripts: null,
      openConnections: total.counters[OPEN_CONNECTIONS]!,
      generator: {
        cpu: busiestShare(fleet.tallies),
        starvedPercent: starvedPercentOf(fleet.tallies),
        latenessP99Ms: total.lateness.quantile(0.99) / 1000,
      },
    };
  }
}

const NOTHING_YET: SeriesPoint = {
  t: 0,
  scheduled: 0,
  ok: 0,
  failed: 0,
  users: 0,
  requestsPerSecond: 0,
  latencyMs: { p50: 0, p95: 0, p99: 0, max: 0 },
};
