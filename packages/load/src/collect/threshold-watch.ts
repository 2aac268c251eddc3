import { viewOf } from './metrics-view.ts';
import type { ThresholdResult } from './run-summary.ts';
import { Tally } from './tally.ts';
import { judgeThreshold } from './threshold.ts';
import type { Threshold } from './threshold.ts';

/** A threshold under watch, with what its windows have shown so far. */
interface Watched {
  readonly threshold: Threshold;
  /** Result of the worst window that was full; null before the first. */
  worst: ThresholdResult | null;
}

/**
 * Judges thresholds as the run goes on: those with a window over every stretch of that length, those that may abort
 * over everything so far. Tallies are kept for the longest window only.
 */
export class ThresholdWatch {
  readonly #watched: readonly Watched[];
  readonly #names: readonly string[];
  readonly #longestMs: number;
  readonly #past: { readonly atMs: number; readonly tally: Tally }[] = [];

  constructor(thresholds: readonly Threshold[], names: readonly string[]) {
    this.#watched = thresholds.map((threshold) => ({ threshold, worst: null }));
    this.#names = names;
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
      return resultOf(threshold, total, this.#names, elapsedMs);
    });
  }

  #judgeNow(threshold: Threshold, total: Tally, elapsedMs: number): ThresholdResult | null {
    const { windowMs } = threshold;
    if (windowMs === null) {
      return threshold.abort ? resultOf(threshold, total, this.#names, elapsedMs) : null;
    }
    const from = this.#past.findLast(({ atMs }) => elapsedMs - atMs >= windowMs - TICK_SLACK_MS);
    const isFromStart = from === undefined && elapsedMs >= windowMs - TICK_SLACK_MS;
    if (from === undefined && !isFromStart) return null;
    if (from === undefined) return resultOf(threshold, total, this.#names, elapsedMs);
    const window = new Tally(total.endpoints.length);
    window.becomeDifference(total, from.tally);
    return resultOf(threshold, window, this.#names, elapsedMs - from.atMs);
  }

  #remember(total: Tally, elapsedMs: number): void {
    if (this.#longestMs === 0) return;
    const tally = new Tally(total.endpoints.length);
    tally.becomeSumOf([total]);
    this.#past.push({ atMs: elapsedMs, tally });
    while (this.#past.length > 1 && elapsedMs - this.#past[1]!.atMs >= this.#longestMs) {
      this.#past.shift();
    }
  }
}

/** Looks come about once a second; a window may be this much short of its length. */
const TICK_SLACK_MS = 50;

function resultOf(
  threshold: Threshold,
  tally: Tally,
  names: readonly string[],
  elapsedMs: number,
): ThresholdResult {
  const { actual, ok } = judgeThreshold(threshold, viewOf(tally, names, elapsedMs));
  return { expression: threshold.expression, actual, ok };
}
