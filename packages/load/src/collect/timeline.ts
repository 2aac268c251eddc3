import { Histogram } from '@needletail/stats';
import { answeredCount, ledgerSoFar, statusCounts } from './ledger.ts';
import type { Ledger, SeriesPoint } from './run-summary.ts';
import type { ScriptTotals } from './script-totals.ts';
import { EPOCH, LAST_ANSWER_MS, LAST_END_MS, Tally, USERS } from './tally.ts';

const MICROS = 1000;
/** Seconds kept one by one; a longer run is thinned to half as many points of twice the length. */
const MOST_POINTS = 7200;

/** Looks at the workers' tallies about once a second and keeps what happened in between. */
export class Timeline {
  readonly #parts: readonly Tally[];
  readonly #scripts: ScriptTotals | null;
  /** Sum of all workers at the last look. */
  readonly total: Tally;
  readonly #latencyBefore = new Histogram();
  readonly #latencyBetween = new Histogram();
  #ledgerBefore: Ledger;
  #answeredBefore = 0;
  #atBefore = 0;
  #epoch = 0;
  #points: SeriesPoint[] = [];

  /** `scripts` is looked at with the requests and names their endpoints. */
  constructor(parts: readonly Tally[], scripts: ScriptTotals | null = null) {
    this.#parts = parts;
    this.#scripts = scripts;
    this.total = new Tally(parts[0]!.endpoints.length);
    this.#ledgerBefore = ledgerSoFar(this.total);
  }

  get points(): readonly SeriesPoint[] {
    return this.#points;
  }

  /** When the last request ended, answered or not. */
  get lastEndMs(): number {
    const { counters } = this.total;
    return Math.max(counters[LAST_ANSWER_MS]!, counters[LAST_END_MS]!);
  }

  get status(): Record<string, number> {
    return statusCounts(this.total.endpointsInUse);
  }

  /** Users at work, or connections in use. */
  get users(): number {
    return this.#scripts?.total.users ?? this.total.counters[USERS]!;
  }

  /** Brings `total` up to date, and that of the scripts. */
  refresh(): void {
    if (this.#scripts !== null) {
      this.#scripts.refresh();
      this.total.limitTo(this.#scripts.names.endpoints.count);
    }
    this.total.becomeSumOf(this.#parts);
    const epoch = this.total.counters[EPOCH]!;
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    this.#points = [];
    this.#latencyBefore.reset();
    this.#ledgerBefore = ledgerSoFar(new Tally(0));
    this.#answeredBefore = 0;
    this.#atBefore = 0;
    this.#scripts?.restart();
  }

  /** Ends an interval at `elapsedMs` since the start of measuring. */
  mark(elapsedMs: number, users: number): SeriesPoint {
    this.refresh();
    this.#scripts?.mark(elapsedMs);
    const { total } = this;
    const ledger = ledgerSoFar(total);
    const answered = answeredCount(total);
    const before = this.#ledgerBefore;
    this.#latencyBetween.copyFrom(total.latency);
    this.#latencyBetween.subtract(this.#latencyBefore);
    const seconds = Math.max(0.001, (elapsedMs - this.#atBefore) / 1000);
    const point: SeriesPoint = {
      t: elapsedMs / 1000,
      scheduled: ledger.scheduled - before.scheduled,
      ok: Math.max(0, ledger.ok - before.ok),
      failed: unsuccessful(ledger) - unsuccessful(before),
      users,
      requestsPerSecond: (answered - this.#answeredBefore) / seconds,
      latencyMs: {
        p50: this.#latencyBetween.quantile(0.5) / MICROS,
        p95: this.#latencyBetween.quantile(0.95) / MICROS,
        p99: this.#latencyBetween.quantile(0.99) / MICROS,
        max: this.#latencyBetween.max / MICROS,
      },
    };
    this.#latencyBefore.copyFrom(total.latency);
    // A check that failed after the last look took an ok back: the next interval makes up for it.
    this.#ledgerBefore = { ...ledger, ok: Math.max(ledger.ok, before.ok) };
    this.#answeredBefore = answered;
    this.#atBefore = elapsedMs;
    this.#points.push(point);
    if (this.#points.length > MOST_POINTS) this.#points = thinned(this.#points);
    return point;
  }
}

function unsuccessful(ledger: Ledger): number {
  return ledger.failed + ledger.timedOut + ledger.dropped;
}

/** Joins neighbours: counts add up, rates average over time, percentiles keep the worse of the two. */
function thinned(points: readonly SeriesPoint[]): SeriesPoint[] {
  const joined: SeriesPoint[] = [];
  for (let index = 0; index + 1 < points.length; index += 2) {
    const left = points[index]!;
    const right = points[index + 1]!;
    joined.push({
      t: right.t,
      scheduled: left.scheduled + right.scheduled,
      ok: left.ok + right.ok,
      failed: left.failed + right.failed,
      users: right.users,
      requestsPerSecond: (left.requestsPerSecond + right.requestsPerSecond) / 2,
      latencyMs: {
        p50: Math.max(left.latencyMs.p50, right.latencyMs.p50),
        p95: Math.max(left.latencyMs.p95, right.latencyMs.p95),
        p99: Math.max(left.latencyMs.p99, right.latencyMs.p99),
        max: Math.max(left.latencyMs.max, right.latencyMs.max),
      },
    });
  }
  if (points.length % 2 === 1) joined.push(points.at(-1)!);
  return joined;
}
