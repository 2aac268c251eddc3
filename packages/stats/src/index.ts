export { Histogram } from './histogram.ts';
export type { HistogramOptions } from './histogram.ts';
export type { Digits } from './bin-layout.ts';
export { quantile, quantileByRank, quantileOfSorted } from './quantile.ts';
export { Moments } from './moments.ts';
export { Rng } from './rng.ts';
export { hash32 } from './hash32.ts';
export { ArgumentError, HistogramMismatchError } from './errors.ts';
