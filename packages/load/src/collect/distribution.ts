import type { Histogram } from '@needletail/stats';
import type { Distribution, HistogramBin } from './run-summary.ts';

const MICROS = 1000;
const BINS = 10;
/** A range wider than this is cut into bins of equal ratio, a narrower one into bins of equal width. */
const WIDE_RANGE = 10;

const EMPTY: Distribution = {
  count: 0,
  min: 0,
  mean: 0,
  stddev: 0,
  max: 0,
  p50: 0,
  p75: 0,
  p90: 0,
  p95: 0,
  p99: 0,
  p999: 0,
  p9999: 0,
};

/** A histogram in microseconds as the summary shows it, in milliseconds. */
export function distributionOf(histogram: Histogram): Distribution {
  if (histogram.count === 0) return EMPTY;
  const quantile = (q: number): number => histogram.quantile(q) / MICROS;
  return {
    count: histogram.count,
    min: histogram.min / MICROS,
    mean: histogram.mean / MICROS,
    stddev: histogram.stddev / MICROS,
    max: histogram.max / MICROS,
    p50: quantile(0.5),
    p75: quantile(0.75),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
    p999: quantile(0.999),
    p9999: quantile(0.9999),
  };
}

/** Ten bins from the smallest to the largest value, for a picture; none when nothing was recorded. */
export function binsOf(histogram: Histogram): readonly HistogramBin[] {
  if (histogram.count === 0) return [];
  const from = Math.max(1, histogram.min);
  const to = Math.max(from + BINS, histogram.max);
  const edge =
    to / from > WIDE_RANGE
      ? (index: number): number => from * (to / from) ** (index / BINS)
      : (index: number): number => from + ((to - from) * index) / BINS;
  const counts = Array.from({ length: BINS }, () => 0);
  histogram.forEachBin((binFrom, binTo, count) => {
    const middle = (binFrom + binTo) / 2;
    let index = 0;
    while (index < BINS - 1 && middle >= edge(index + 1)) index += 1;
    counts[index]! += count;
  });
  return counts.map((count, index) => ({
    fromMs: edge(index) / MICROS,
    toMs: edge(index + 1) / MICROS,
    count,
  }));
}
