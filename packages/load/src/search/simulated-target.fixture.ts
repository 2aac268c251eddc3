import { Histogram, Rng } from '@needletail/stats';
import { distributionOf } from '../collect/distribution.ts';
import type { SeriesPoint } from '../collect/run-summary.ts';
import { judgeThreshold, parseThreshold, type MetricsView } from '../collect/threshold.ts';
import { rateCurveOf } from '../pace/rate-curve.ts';
import { userCurveOf } from '../pace/user-curve.ts';
import type { LoadSpec } from '../plan/plan.ts';
import type { LevelFigures, LevelRunner, LevelRunOptions } from './level.ts';

/** A target in virtual time: a queue before servers, as a fluid, looked at every 20 ms. */
export interface SimulatedTarget {
  /** Requests served per second, or that by the number of users. */
  readonly capacity: number | ((users: number) => number);
  readonly baseLatencyMs?: number;
  /** From this rate on a fifth of the requests fail, whatever the queue. */
  readonly cliffAt?: number;
  /** Standard deviation, as a part of it, of the cliff from one run to the next. */
  readonly cliffNoise?: number;
  /** Share of runs with a pause of 700 ms of the target. */
  readonly hiccups?: number;
  /** Number, from 0, of the one run that has such a pause for certain. */
  readonly pausedRun?: number;
  /** After an overload its latency stays tenfold for this long. */
  readonly recoveryLagMs?: number;
  /** Rate from which the generator cannot keep up. */
  readonly generatorLimit?: number;
  /** Numbers, from 0, of runs during which the generator was kept from the processor. */
  readonly starvedRuns?: readonly number[];
  readonly unreachable?: boolean;
  readonly seed?: number;
}

const TICK_MS = 20;

/** A runner over that target; `loads` is what was asked of it. */
export function simulate(
  target: SimulatedTarget,
  thresholds: readonly string[],
): LevelRunner & { readonly loads: LoadSpec[] } {
  const rng = new Rng(target.seed ?? 1);
  const loads: LoadSpec[] = [];
  const state: State = { nowMs: 0, queue: 0, degradedUntilMs: -1 };
  return {
    loads,
    now: () => state.nowMs,
    async pause(durationMs) {
      state.nowMs += durationMs;
      state.queue = 0;
    },
    async run(load, options) {
      loads.push(load);
      // A fresh task, as a real run takes: what signals do between runs is seen.
      await Promise.resolve();
      return new SimulatedRun(target, load, state, rng, thresholds, loads.length - 1).finish(
        options,
      );
    },
  };
}

interface State {
  nowMs: number;
  /** Requests waiting. */
  queue: number;
  degradedUntilMs: number;
}

class SimulatedRun {
  readonly #target: SimulatedTarget;
  readonly #load: LoadSpec;
  readonly #state: State;
  readonly #rng: Rng;
  readonly #thresholds: readonly string[];
  readonly #isPaused: boolean;
  readonly #isStarved: boolean;
  readonly #latency = new Histogram();
  readonly #series: SeriesPoint[] = [];
  /** Answers to come, in the order in which they will. */
  readonly #pending: { readonly atMs: number; readonly count: number; readonly micros: number }[] =
    [];
  #taken = 0;
  #counts = { scheduled: 0, failed: 0 };
  #totals = { scheduled: 0, failed: 0 };

  constructor(
    target: SimulatedTarget,
    load: LoadSpec,
    state: State,
    rng: Rng,
    thresholds: readonly string[],
    index: number,
  ) {
    this.#isStarved = target.starvedRuns?.includes(index) ?? false;
    this.#isPaused = index === target.pausedRun || rng.next() < (target.hiccups ?? 0);
    this.#target = target;
    this.#load = load;
    this.#state = state;
    this.#rng = rng;
    this.#thresholds = thresholds;
  }

  finish({ signal, onSnapshot, warmupMs }: LevelRunOptions): LevelFigures {
    if (this.#target.unreachable === true) return this.#figures(0, 'unreachable');
    const state = this.#state;
    state.nowMs += warmupMs;
    const curve = 'arrivals' in this.#load ? rateCurveOf(this.#load) : userCurveOf(this.#load);
    const cliffAt =
      (this.#target.cliffAt ?? Infinity) * (1 + this.#normal() * (this.#target.cliffNoise ?? 0));
    const pauseFromMs = this.#isPaused ? curve.endMs / 2 : Infinity;
    let elapsedMs = 0;
    while (elapsedMs < curve.endMs && !signal.aborted) {
      const isPaused = elapsedMs >= pauseFromMs && elapsedMs < pauseFromMs + 700;
      this.#tick(curve, elapsedMs, cliffAt, isPaused);
      elapsedMs += TICK_MS;
      state.nowMs += TICK_MS;
      if (elapsedMs % 1000 === 0) onSnapshot({ elapsedMs, point: this.#mark(elapsedMs) });
    }
    if (elapsedMs % 1000 >= 100) this.#mark(elapsedMs);
    return this.#figures(elapsedMs, signal.aborted ? 'interrupted' : 'complete');
  }

  #tick(
    curve: ReturnType<typeof rateCurveOf> | ReturnType<typeof userCurveOf>,
    elapsedMs: number,
    cliffAt: number,
    isPaused: boolean,
  ): void {
    const state = this.#state;
    const { capacity, baseLatencyMs = 5, recoveryLagMs = 0 } = this.#target;
    const isDegraded = state.nowMs < state.degradedUntilMs;
    const slowness = isDegraded ? 10 : 1;
    let arriving: number;
    let latencyMs: number;
    if ('usersAt' in curve) {
      const users = curve.usersAt(elapsedMs);
      const most = typeof capacity === 'number' ? capacity : capacity(users);
      const perSecond = Math.min(most, (users * 1000) / baseLatencyMs) / slowness;
      arriving = isPaused ? 0 : (perSecond * TICK_MS) / 1000;
      latencyMs = (users * 1000) / perSecond + (isPaused ? 700 : 0);
      if (recoveryLagMs > 0 && users >= cliffAt)
        state.degradedUntilMs = state.nowMs + recoveryLagMs;
      this.#record(elapsedMs, arriving, latencyMs, users >= cliffAt);
      return;
    }
    const [at, until] = [curve.arrivedBy(elapsedMs), curve.arrivedBy(elapsedMs + TICK_MS)];
    arriving = until - at;
    const perSecond = typeof capacity === 'number' ? capacity : capacity(0);
    const served = isPaused ? 0 : (perSecond * TICK_MS) / 1000;
    state.queue = Math.max(0, state.queue + arriving - served);
    latencyMs = baseLatencyMs * slowness + (1000 * state.queue) / perSecond + (isPaused ? 350 : 0);
    const rate = (arriving * 1000) / TICK_MS;
    if (recoveryLagMs > 0 && (rate >= cliffAt || latencyMs > 500))
      state.degradedUntilMs = state.nowMs + recoveryLagMs;
    this.#record(elapsedMs, arriving, latencyMs, rate >= cliffAt);
  }

  #record(elapsedMs: number, arriving: number, latencyMs: number, failing: boolean): void {
    this.#counts.scheduled += arriving;
    this.#counts.failed += failing ? arriving / 5 : 0;
    for (let sample = 0; sample < 5; sample += 1) {
      const jitterMs =
        0.2 * (this.#target.baseLatencyMs ?? 5) * Math.max(-4, Math.min(4, this.#normal()));
      const micros = Math.round(1000 * (latencyMs + jitterMs));
      this.#latency.record(micros);
      this.#pending.push({ atMs: elapsedMs + latencyMs, count: arriving / 5, micros });
    }
  }

  #mark(elapsedMs: number): SeriesPoint {
    const { scheduled, failed } = this.#counts;
    const second = new Histogram();
    let answered = 0;
    for (; (this.#pending[this.#taken]?.atMs ?? Infinity) <= elapsedMs; this.#taken += 1) {
      const { count, micros } = this.#pending[this.#taken]!;
      second.record(micros);
      answered += count;
    }
    const { p50, p95, p99, max } = distributionOf(second);
    const point: SeriesPoint = {
      t: elapsedMs / 1000,
      scheduled: Math.round(scheduled),
      ok: Math.max(0, Math.round(answered - failed)),
      failed: Math.round(failed),
      users: 1,
      requestsPerSecond: answered / (elapsedMs % 1000 === 0 ? 1 : (elapsedMs % 1000) / 1000),
      latencyMs: { p50, p95, p99, max },
    };
    this.#series.push(point);
    this.#totals = {
      scheduled: this.#totals.scheduled + point.scheduled,
      failed: this.#totals.failed + point.failed,
    };
    this.#counts = { scheduled: 0, failed: 0 };
    return point;
  }

  #figures(durationMs: number, ended: LevelFigures['ended']): LevelFigures {
    const { scheduled, failed } = this.#totals;
    const ok = scheduled - failed;
    const ledger = { scheduled, ok, failed, timedOut: 0, dropped: 0, inFlight: 0 };
    const rate = durationMs > 0 ? (scheduled * 1000) / durationMs : 0;
    const isBeyond = this.#isStarved || rate >= (this.#target.generatorLimit ?? Infinity);
    const view: MetricsView = {
      ledger,
      elapsedMs: durationMs,
      latency: this.#latency,
      serviceTime: this.#latency,
      apdex: () => 1,
      endpoint: () => null,
    };
    const served = this.#series.reduce((sum, point) => sum + point.requestsPerSecond, 0);
    return {
      ended,
      durationMs,
      ledger,
      throughput: {
        requestsPerSecond: this.#series.length === 0 ? 0 : served / this.#series.length,
        receivedBytesPerSecond: 0,
        sentBytesPerSecond: 0,
      },
      latencyMs: distributionOf(this.#latency),
      series: isBeyond ? this.#series.map(lateness) : this.#series,
      iterations: null,
      thresholds: this.#thresholds.map((expression) => ({
        expression,
        ...judgeThreshold(parseThreshold(expression), view),
      })),
      verdict: {
        status: isBeyond || ended === 'unreachable' ? 'invalid' : 'pass',
        bottleneck: isBeyond ? 'generator' : 'none',
        reasons: isBeyond
          ? ['The generator was the limit: it sent 20 ms late at p99.']
          : ended === 'unreachable'
            ? ['Nothing could be reached: connection refused.']
            : [],
      },
    };
  }

  /** Near enough to normal: the sum of twelve uniform draws. */
  #normal(): number {
    let sum = -6;
    for (let draw = 0; draw < 12; draw += 1) sum += this.#rng.next();
    return sum;
  }
}

/** What a generator that falls behind makes of the latencies: they grow by 100 ms each second. */
function lateness(point: SeriesPoint): SeriesPoint {
  return { ...point, latencyMs: { ...point.latencyMs, p50: point.latencyMs.p50 + 100 * point.t } };
}
