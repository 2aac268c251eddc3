export { Histogram } from './histogram.ts';
export type { HistogramOptions } from './histogram.ts';
export type { Digits } from './bin-layout.ts';
export { ArgumentError, HdrDecodeError, HistogramMismatchError } from './errors.ts';
