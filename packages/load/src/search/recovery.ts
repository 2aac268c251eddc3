import type { SeriesPoint } from '../collect/run-summary.ts';
import { meetsLimit, parseThreshold, type Threshold } from '../collect/threshold.ts';
import type { LevelResult } from './level-result.ts';
import { fallingLoad, type Level } from './level.ts';
import type { Trial } from './trial.ts';

/** What happened after the load fell from a level that broke the target to one it had held. */
export interface Recovery {
  readonly from: number;
  readonly to: number;
  /** From the fall until the target was good again and stayed so; null when it was not within the limit. */
  readonly seconds: number | null;
  readonly limitSeconds: number;
  /** Each second since the fall. */
  readonly series: readonly {
    readonly t: number;
    readonly p95Ms: number;
    readonly errorPercent: number;
    readonly good: boolean;
  }[];
}

/** The overload is brought about again for this long at most. */
const LONGEST_OVERLOAD_MS = 10_000;
/** One good second may be chance. */
const GOOD_SECONDS = 3;
/** Latency is as before when it is within this of what it was, */
const BAND_FACTOR = 2;
/** or within so much, where it was very short. */
const BAND_MS = 5;

/**
 * Overloads the target once more, lets the load fall and looks each second whether it is good again: within the objectives
 * a second can be judged by, its p95 near that of the same level before.
 */
export async function measureRecovery(
  trial: Trial,
  overload: LevelResult,
  good: { readonly amount: number; readonly p95Ms: number | null },
  limitMs: number,
): Promise<Recovery> {
  const level: Level = { kind: overload.kind, amount: overload.amount };
  const overloadMs = Math.min(LONGEST_OVERLOAD_MS, 1000 * Math.ceil(overload.durationMs / 1000));
  const thresholds = trial.objectives.thresholds.map(parseThreshold);
  const series: Recovery['series'][number][] = [];
  let goodSince: number | null = null;
  let settled = false;
  const load = fallingLoad(level, overloadMs, good, limitMs);
  await trial.follow(load, level, (point) => {
    const t = point.t - overloadMs / 1000;
    // The second in which the load fell belongs half to what was before.
    if (t < 0.5) return false;
    const isGood = isWithin(point, thresholds, good.p95Ms);
    const errorPercent = errorPercentOf(point);
    series.push({ t, p95Ms: point.latencyMs.p95, errorPercent, good: isGood });
    goodSince = isGood ? (goodSince ?? Math.max(0, t - 1)) : null;
    settled = goodSince !== null && t - goodSince >= GOOD_SECONDS - 0.1;
    return settled;
  });
  return {
    from: overload.amount,
    to: good.amount,
    seconds: settled ? Math.round(goodSince!) : null,
    limitSeconds: limitMs / 1000,
    series,
  };
}

function isWithin(
  point: SeriesPoint,
  thresholds: readonly Threshold[],
  usualP95Ms: number | null,
): boolean {
  // Silence is not health.
  if (point.requestsPerSecond === 0) return false;
  const { p95 } = point.latencyMs;
  if (usualP95Ms !== null && p95 > Math.max(BAND_FACTOR * usualP95Ms, usualP95Ms + BAND_MS))
    return false;
  return thresholds.every((threshold) => {
    const actual = actualOf(point, threshold);
    return actual === null || meetsLimit(actual, threshold);
  });
}

/** Null where a second cannot be judged by it. */
function actualOf(point: SeriesPoint, { metric, endpoint }: Threshold): number | null {
  if (endpoint !== null) return null;
  if (metric.kind === 'error-rate') return errorPercentOf(point);
  if (metric.kind !== 'latency') return null;
  const { p50, p95, p99, max } = point.latencyMs;
  if (metric.statistic === 'max') return max;
  if (metric.statistic !== 'quantile') return null;
  return { 0.5: p50, 0.95: p95, 0.99: p99 }[metric.quantile] ?? null;
}

function errorPercentOf({ ok, failed }: SeriesPoint): number {
  return ok + failed > 0 ? (100 * failed) / (ok + failed) : 0;
}
