/*
 * How values fall into bins; drawn for 3 digits (halfBits 10). Every row doubles the width of its bins, so the width
 * never passes 1/1024 of the value (1/128 for 2 digits). Same geometry as HdrHistogram with a lowest value of 1
 * (Gil Tene, hdrhistogram.org), so bins map one to one in an exchange.
 *
 *   index      0 ────────── 2047 │ 2048 ─ 3071 │ 3072 ─ 4095 │ … │ 22528 ─ 23551
 *   value      0 ────────── 2047 │ 2048 ─ 4095 │ 4096 ─ 8191 │ … │ 2^31 ─ 2^32-1
 *   bin width         1          │      2      │      4      │ … │     2^21
 */

/** Decimal digits a histogram keeps of every value: 3 is within 0.1 %, 2 within 1 %. */
export type Digits = 2 | 3;

/** One hour in microseconds, the largest value that keeps its place; it needs 32 bits, so mind signed shifts. */
export const TOP_MICROS = 3_600_000_000;

const VALUE_BITS = 32;

/** log2 of the bins in a row: the first power of two not below 10^digits, so that widths stay within the digits. */
export function halfBitsOf(digits: Digits): number {
  return digits === 3 ? 10 : 7;
}

/** Bins needed for every 32-bit value: 23 552 for 3 digits, 3 328 for 2. */
export function binCountOf(digits: Digits): number {
  const halfBits = halfBitsOf(digits);
  return (VALUE_BITS - halfBits + 1) * 2 ** halfBits;
}

/** The bin of an integer in [0, 2^32). `Histogram.record` repeats this line to keep the call out of the hot path. */
export function binOf(value: number, halfBits: number): number {
  const shift = 31 - halfBits - Math.clz32(value | (1 << halfBits));
  return (shift << halfBits) + (value >>> shift);
}

/** Smallest value of a bin; that of bin `index + 1` is where the bin ends. */
export function binStart(index: number, halfBits: number): number {
  const half = 2 ** halfBits;
  if (index < 2 * half) return index;
  const shift = (index >>> halfBits) - 1;
  // Not `<<`: starts of the last row need all 32 bits.
  return (half + (index & (half - 1))) * 2 ** shift;
}
