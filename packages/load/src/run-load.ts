import { availableParallelism } from 'node:os';
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
import { MOST_ENDPOINTS, ScriptNames } from './collect/script-names.ts';
import { ScriptTotals } from './collect/script-totals.ts';
import type { ScriptRecord } from './collect/summarize-scripts.ts';
import { OPEN_CONNECTIONS, OPENED, Tally } from './collect/tally.ts';
import { ThresholdWatch } from './collect/threshold-watch.ts';
import { parseThreshold } from './collect/threshold.ts';
import { Timeline } from './collect/timeline.ts';
import type { Plan } from './plan/plan.ts';
import { openMonitors } from './monitor/open-monitors.ts';
import type { WatchTarget } from './monitor/target-monitor.ts';
import { TargetWatch } from './monitor/target-watch.ts';
import { targetOf } from './plan/target-of.ts';
import type { TracedExchange } from './trace/traced-exchange.ts';
import type { TracedMessage } from './trace/traced-message.ts';
import { toolVersion } from './plan/tool-version.ts';
import { stackMapperFor } from './script/map-stack.ts';
import { Fleet, SetupInterrupted } from './workers/fleet.ts';

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
  /** Figures of the target to read once a second, on the timeline of the run, beside those of `plan.watch`. */
  readonly watch?: readonly WatchTarget[];
  /** Called with each exchange of a scenario: of a plan when `plan.script.trace` is set, of a definition always. */
  readonly onExchange?: (exchange: TracedExchange) => void;
  /** The same with each message of a WebSocket and each event of a stream; a socket left open has no end. */
  readonly onMessage?: (message: TracedMessage) => void;
}

export interface RunResult {
  readonly summary: RunSummary;
  /** Whole-run latency and service time in microseconds, for exchange formats. */
  readonly latency: Histogram;
  readonly serviceTime: Histogram;
}

/**
 * Runs a plan in worker threads and reports. Rejects when the generator itself breaks, and with a PlanError when a script
 * cannot be begun with.
 */
export async function runLoad(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  return runWith(plan, options, (addresses) => Fleet.start(plan, addresses));
}

/** Runs a plan with the fleet that is started for it. */
export async function runWith(
  plan: Plan,
  options: RunOptions,
  startFleet: (addresses: readonly string[]) => Promise<Fleet>,
): Promise<RunResult> {
  let addresses: readonly string[];
  try {
    addresses = await resolveHost(targetOf(plan).host, options.signal);
  } catch (error) {
    if (options.signal?.aborted === true)
      return new Run(plan, null, options).report('interrupted', null);
    if (!(error instanceof LinkError)) throw error;
    return new Run(plan, null, options).report('unreachable', error.message);
  }
  return new Run(plan, await startFleet(addresses), options).carryOut();
}

type Ended = RunSummary['ended'];

/** One run as the main thread sees it: it starts the fleet, looks at it once a second and ends it. */
class Run {
  readonly #plan: Plan;
  readonly #fleet: Fleet | null;
  readonly #options: RunOptions;
  readonly #scripts: ScriptTotals | null;
  readonly #timeline: Timeline;
  readonly #watch: ThresholdWatch;
  readonly #judgesLatency: boolean;
  readonly #plannedMs: number;
  readonly #control: RunControl;
  readonly #watched: readonly WatchTarget[];
  readonly #target: TargetWatch | null;
  #startedAt = performance.now();
  #startedOn = new Date();
  #sendingEndedAt = Infinity;
  #ended: Ended = 'complete';

  constructor(plan: Plan, fleet: Fleet | null, options: RunOptions) {
    this.#plan = plan;
    this.#fleet = fleet;
    this.#options = options;
    this.#scripts = totalsOf(plan, fleet);
    const tallies = fleet?.tallies ?? [new Tally(endpointCountOf(plan))];
    this.#timeline = new Timeline(tallies, this.#scripts);
    const thresholds = plan.thresholds.map(parseThreshold);
    this.#watch = new ThresholdWatch(
      thresholds,
      plan.requests.map((request) => request.name),
      this.#scripts,
    );
    this.#judgesLatency = thresholds.some((threshold) => threshold.isLatency);
    this.#plannedMs = plannedSendingMs(plan);
    this.#control = options.control ?? new RunControl();
    this.#watched = [...plan.watch, ...(options.watch ?? [])];
    this.#target =
      fleet === null || this.#watched.length === 0
        ? null
        : new TargetWatch(openMonitors(this.#watched));
  }

  async carryOut(): Promise<RunResult> {
    const fleet = this.#fleet!;
    const { signal } = this.#options;
    const interrupt = (): void => this.#end('interrupted');
    if (fleet.scripts !== null) {
      fleet.scripts.onEnd = (ended) => this.#end(ended);
      fleet.scripts.onExchange = (exchange) => this.#options.onExchange?.(exchange);
      fleet.scripts.onMessage = (message) => this.#options.onMessage?.(message);
    }
    try {
      if (signal?.aborted !== true) await fleet.prepare(signal);
      else if (fleet.scripts !== null) throw new SetupInterrupted();
      await this.#target?.begin();
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
    } catch (error) {
      if (!(error instanceof SetupInterrupted)) throw error;
      await fleet.close();
      return this.report('interrupted', null);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#control.detach();
      await this.#target?.end();
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
    const summary = summarize({
      plan: this.#plan,
      toolVersion: toolVersion(),
      startedAt: this.#startedOn,
      ended: ended === 'complete' && this.#isUnreachable() ? 'unreachable' : ended,
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
      target: this.#target?.metrics() ?? null,
      targetCores: this.#watched.some(({ kind }) => kind === 'pid') ? availableParallelism() : null,
      judgesLatency: this.#judgesLatency,
      scripts: this.#scriptRecord(),
      floor: this.#fleet?.floor ?? { p50: 0, p99: 0 },
    });
    return { summary, latency: total.latency, serviceTime: total.serviceTime };
  }

  /** Whether no connection was opened although some were needed: scripts may do without, as within this process. */
  #isUnreachable(): boolean {
    const { total } = this.#timeline;
    if (total.counters[OPENED]! > 0) return false;
    if (this.#scripts === null) return true;
    return this.#fleet?.failures().some(({ kind }) => kind === 'connect') ?? true;
  }

  #failsToConnect(): boolean {
    if (this.#timeline.total.counters[OPENED]! > 0) return false;
    const failures = this.#fleet!.failures();
    return this.#scripts === null
      ? failures.length > 0
      : failures.some(({ kind }) => kind === 'connect');
  }

  #scriptRecord(): ScriptRecord | null {
    const { script } = this.#plan;
    if (this.#scripts === null || script === null) return null;
    const scripts = this.#fleet?.scripts ?? null;
    const showStack = stackMapperFor(script);
    const errors = (scripts?.errors() ?? []).map(({ scenario, stack, ...rest }) => ({
      ...rest,
      scenario: script.scenarios[scenario]?.name ?? '',
      stack: framesOf(showStack(stack)),
    }));
    return {
      totals: this.#scripts,
      errors,
      heapGrowthBytes: scripts?.heapGrowthBytes ?? null,
      failures: scripts?.failures ?? [],
      remarks: scripts?.remarks ?? [],
    };
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
    if (point !== null) this.#target?.look(point.t);
    const { total } = this.#timeline;
    const sinceStartMs = elapsedMs + this.#plan.warmupMs;
    if (sinceStartMs >= GIVE_UP_AFTER_MS - 50 && this.#failsToConnect()) this.#end('unreachable');
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
      scripts: this.#scripts?.live ?? null,
      openConnections: total.counters[OPEN_CONNECTIONS]!,
      generator: {
        cpu: busiestShare(fleet.tallies),
        starvedPercent: starvedPercentOf(fleet.tallies),
        latenessP99Ms: total.lateness.quantile(0.99) / 1000,
      },
    };
  }
}

function endpointCountOf(plan: Plan): number {
  return plan.script === null ? plan.requests.length : MOST_ENDPOINTS + 1;
}

/** Of a run that was never started too, whose report has the names of its scenarios. */
function totalsOf(plan: Plan, fleet: Fleet | null): ScriptTotals | null {
  if (plan.script === null) return null;
  const { scenarios } = plan.script;
  const names = fleet?.scripts?.names ?? new ScriptNames(ScriptNames.createShared());
  const tallies = fleet?.scripts?.tallies ?? [];
  return new ScriptTotals(tallies, names, scenarios);
}

/** The lines that say where; the first says what, which the message does too. */
function framesOf(stack: string): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+(?:at|…) /.test(line))
    .map((line) => line.trim());
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
