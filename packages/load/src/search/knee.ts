/** A level of a sweep, its repeats merged. */
export interface SweepPoint {
  readonly amount: number;
  /** Answers per second, the mean of the repeats. */
  readonly throughput: number;
  /** Mean latency in milliseconds, over all answers of the repeats. */
  readonly latencyMs: number;
}

/** Throughput within this of the highest counts as all there is. */
const NEARLY_ALL = 0.95;

/**
 * Where another user costs more latency than it brings throughput: the level of the highest power, throughput over mean
 * latency (Kleinrock, Power and Deterministic Rules of Thumb for Probabilistic Problems in Computer Communications,
 * ICC 1979). Null without levels.
 */
export function kneeOf(points: readonly SweepPoint[]): number | null {
  return highest(points, ({ throughput, latencyMs }) => throughput / Math.max(latencyMs, 1e-6));
}

/** The lowest level that reaches 95% of the highest throughput measured: more only lengthens the queue. */
export function optimalOf(points: readonly SweepPoint[]): number | null {
  const most = Math.max(...points.map(({ throughput }) => throughput));
  const enough = points.filter(({ throughput }) => throughput >= NEARLY_ALL * most);
  return enough.length === 0 ? null : Math.min(...enough.map(({ amount }) => amount));
}

function highest(
  points: readonly SweepPoint[],
  measure: (point: SweepPoint) => number,
): number | null {
  let best: SweepPoint | null = null;
  for (const point of points) {
    if (best === null || measure(point) > measure(best)) best = point;
  }
  return best?.amount ?? null;
}
