import type { LevelResult } from './level-result.ts';

/** A slope of latency this many times the one before it is no longer in proportion to the load. */
const STEEPENING = 2;
/** Latency that grows by less than this is noise, whatever its slope. */
const NOISE = 0.1;

/** The lowest level at which anything failed; null when nothing did. */
export function firstErrorAt(levels: readonly LevelResult[]): number | null {
  const amounts = levels.filter(({ errorPercent }) => errorPercent > 0).map(({ amount }) => amount);
  return amounts.length === 0 ? null : Math.min(...amounts);
}

/**
 * The lowest level at which p95 grew more than twice as fast, for each user or request per second, as up to the level
 * before it. Levels run several times count with the median of their runs; needs three.
 */
export function nonLinearLatencyAt(
  levels: readonly Pick<LevelResult, 'amount' | 'latencyMs'>[],
): number | null {
  const points = [...runsByAmount(levels)]
    .map(([amount, runs]) => ({
      amount,
      p95: medianOf(runs.map(({ latencyMs }) => latencyMs.p95)),
    }))
    .sort((a, b) => a.amount - b.amount);
  for (let index = 2; index < points.length; index += 1) {
    const [before, last, now] = [points[index - 2], points[index - 1], points[index]];
    const slopeBefore = (last!.p95 - before!.p95) / (last!.amount - before!.amount);
    const slope = (now!.p95 - last!.p95) / (now!.amount - last!.amount);
    const grew = now!.p95 > last!.p95 * (1 + NOISE);
    if (slopeBefore > 0 && slope > STEEPENING * slopeBefore && grew) return now!.amount;
  }
  return null;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

function runsByAmount<Run extends Pick<LevelResult, 'amount'>>(
  levels: readonly Run[],
): Map<number, Run[]> {
  const runs = new Map<number, Run[]>();
  for (const level of levels) {
    const known = runs.get(level.amount);
    if (known === undefined) runs.set(level.amount, [level]);
    else known.push(level);
  }
  return runs;
}
