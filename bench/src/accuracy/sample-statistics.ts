import type { Histogram } from '@needletail/stats';

/** Largest gap between the distribution a histogram holds and that of `sorted` values, in milliseconds (Kolmogorov-Smirnov). */
export function ksDistance(histogram: Histogram, sorted: Float64Array): number {
  const total = histogram.count;
  let seen = 0;
  let below = 0;
  let largest = 0;
  histogram.forEachBin((_from, toMicros, count) => {
    seen += count;
    while (below < sorted.length && sorted[below]! * 1000 < toMicros) below += 1;
    largest = Math.max(largest, Math.abs(seen / total - below / sorted.length));
  });
  return largest;
}

/** Counts of `times` in bins of `binMs` from `fromMs`. */
export function binCounts(
  times: Float64Array,
  fromMs: number,
  binMs: number,
  bins: number,
): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  for (const time of times) {
    const bin = Math.floor((time - fromMs) / binMs);
    if (bin >= 0 && bin < bins) counts[bin]! += 1;
  }
  return counts;
}

/** Variance over mean of counts: 0 when arrivals are even, 1 when they are a Poisson process. */
export function fanoFactor(counts: readonly number[]): number {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  return squares / (counts.length - 1) / mean;
}

/**
 * Anderson and Darling's A² of `gaps` against the exponential distribution of the given mean, all parameters known.
 * Above 2.492 the two differ at the 5% level, above 3.857 at 1% (Stephens 1974, case 0).
 */
export function andersonDarlingExponential(gaps: Float64Array, mean: number): number {
  const sorted = gaps.toSorted();
  const size = sorted.length;
  let sum = 0;
  for (let index = 0; index < size; index += 1) {
    const logBelow = Math.log(-Math.expm1(-Math.max(sorted[index]!, Number.MIN_VALUE) / mean));
    const logAbove = -sorted[size - 1 - index]! / mean;
    sum += (2 * index + 1) * (logBelow + logAbove);
  }
  return -size - sum / size;
}

/** Quantile `q` of ascending values by nearest rank, as histograms give it. */
export function rankOf(sorted: Float64Array, q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index]!;
  return sum / values.length;
}
