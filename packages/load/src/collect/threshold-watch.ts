import { viewOf } from './metrics-view.ts';
import type { ThresholdResult } from './run-summary.ts';
import { ScriptTally } from './script-tally.ts';
import type { ScriptTotals } from './script-totals.ts';
import { Tally } from './tally.ts';
import { judgeThreshold } from './threshold.ts';
import type { Threshold } from './threshold.ts';

/** A threshold under watch, with what its windows have shown so far. */
interface Watched {
  readonly threshold: Threshold;
  /** Result of the worst window that was full; null before the first. */
  worst: ThresholdResult | null;
}

/** What was counted when thresholds were looked at. */
interface Look {
  readonly atMs: number;
  readonly tally: Tally;
  readonly scripts: ScriptTally | null;
}

/**
 * Judges thresholds as the run goes on: those with a window over every stretch of that length, those that may abort
 * over everything so far. Tallies are kept for the longest window only.
 */
export class ThresholdWatch {
  readonly #watched: readonly Watched[];
  readonly #names: readonly string[];
  readonly #longestMs: number;
  readonly #scripts: ScriptTotals | null;
  readonly #past: Look[] = [];

  /** `names` are those of the endpoints, unless `scripts` name them as they go. */
  constructor(
    thresholds: readonly Threshold[],
    names: readonly string[],
    scripts: ScriptTotals | null = null,
  ) {
    this.#watched = thresholds.map((threshold) => ({ threshold, worst: null }));
    this.#names = names;
    this.#scripts = scripts;
    this.#longestMs = Math.max(0, ...thresholds.map((threshold) => threshold.windowMs ?? 0));
  }

  /** Whether looking once a second is needed at all. */
  get isNeeded(): boolean {
    return this.#watched.some(({ threshold }) => threshold.windowMs !== null || threshold.abort);
  }

  /** Forgets the windows, as at the end of a warm-up. */
  reset(): void {
    this.#past.length = 0;
    for (const watched of this.#watched) watched.worst = null;
  }

  /** Takes in the totals at `elapsedMs`; gives the threshold that ends the run, or null. */
  look(total: Tally, elapsedMs: number): Threshold | null {
    let ends: Threshold | null = null;
    for (const watched of this.#watched) {
      const { threshold } = watched;
      const result = this.#judgeNow(threshold, total, elapsedMs);
      if (result === null) continue;
      if (watched.worst === null || (watched.worst.ok && !result.ok)) watched.worst = result;
      if (threshold.abort && !result.ok) ends ??= threshold;
    }
    this.#remember(total, elapsedMs);
    return ends;
  }

  /** Final results, in the order of the plan. */
  results(total: Tally, elapsedMs: number): readonly ThresholdResult[] {
    return this.#watched.map(({ threshold, worst }) => {
      if (worst !== null && (threshold.windowMs !== null || !worst.ok)) return worst;
      return this.#resultOf(threshold, this.#lookAt(total, elapsedMs), elapsedMs);
    });
  }

  #judgeNow(threshold: Threshold, total: Tally, elapsedMs: number): ThresholdResult | null {
    const { windowMs } = threshold;
    const now = this.#lookAt(total, elapsedMs);
    if (windowMs === null) {
      return threshold.abort ? this.#resultOf(threshold, now, elapsedMs) : null;
    }
    const from = this.#past.findLast(({ atMs }) => elapsedMs - atMs >= windowMs - TICK_SLACK_MS);
    const isFromStart = from === undefined && elapsedMs >= windowMs - TICK_SLACK_MS;
    if (from === undefined && !isFromStart) return null;
    if (from === undefined) return this.#resultOf(threshold, now, elapsedMs);
    const timingCount = this.#scripts?.names.timings.count ?? 0;
    const window = between(from, now, timingCount);
    return this.#resultOf(threshold, window, elapsedMs - from.atMs);
  }

  #lookAt(tally: Tally, atMs: number): Look {
    return { atMs, tally, scripts: this.#scripts?.total ?? null };
  }

  #resultOf(threshold: Threshold, { tally, scripts }: Look, elapsedMs: number): ThresholdResult {
    const names = this.#scripts?.endpointNames ?? this.#names;
    const scriptView = scripts === null ? undefined : this.#scripts?.viewOf(scripts);
    const { actual, ok } = judgeThreshold(threshold, viewOf(tally, names, elapsedMs, scriptView));
    return { expression: threshold.expression, actual, ok };
  }

  #remember(total: Tally, elapsedMs: number): void {
    if (this.#longestMs === 0) return;
    const tally = emptyLike(total);
    tally.becomeSumOf([total]);
    const scripts = this.#scripts === null ? null : emptyScriptsLike(this.#scripts.total);
    scripts?.becomeSumOf([this.#scripts!.total], this.#scripts!.names.timings.count);
    this.#past.push({ atMs: elapsedMs, tally, scripts });
    while (this.#past.length > 1 && elapsedMs - this.#past[1]!.atMs >= this.#longestMs) {
      this.#past.shift();
    }
  }
}

/** Looks come about once a second; a window may be this much short of its length. */
const TICK_SLACK_MS = 50;

function between(earlier: Look, later: Look, timingCount: number): Look {
  const tally = emptyLike(later.tally);
  tally.becomeDifference(later.tally, earlier.tally);
  if (later.scripts === null || earlier.scripts === null) return { ...later, tally };
  const scripts = emptyScriptsLike(later.scripts);
  scripts.becomeDifference(later.scripts, earlier.scripts, timingCount);
  return { ...later, tally, scripts };
}

function emptyLike(tally: Tally): Tally {
  const empty = new Tally(tally.endpoints.length);
  empty.limitTo(tally.endpointsInUse.length);
  return empty;
}

function emptyScriptsLike(scripts: ScriptTally): ScriptTally {
  return new ScriptTally(scripts.scenarios.length);
}
