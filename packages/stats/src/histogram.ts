// Allocates nothing per record: one typed-array increment, two comparisons, no call outside this file.
// Callers keep one rule: a buffer is written (record, add, subtract, copyFrom, reset) by one thread; any may read.
// Guarded by bench/src/histogram-record.ts (cost) and bench/src/histogram-soak.ts (memory and count over 10^9 records).

import { TOP_MICROS, binCountOf, binOf, binStart, halfBitsOf } from './bin-layout.ts';
import type { Digits } from './bin-layout.ts';
import { ArgumentError, HistogramMismatchError } from './errors.ts';
import { nearestRank } from './nearest-rank.ts';

/** Where a histogram lives: leave `buffer` out to allocate, or give a zero-filled or already recorded region. */
export interface HistogramOptions {
  /** Decimal digits kept of every value; 3 unless given. */
  readonly digits?: Digits;
  readonly buffer?: ArrayBufferLike;
  /** Multiple of 8; `Histogram.sizeBytes(digits)` bytes from here are the histogram's own. */
  readonly byteOffset?: number;
}

// Header of 64 bytes, one cache line, then one float64 per bin. All-zero memory is a valid empty histogram, so two
// threads may open the same buffer in any order: hence the minimum is kept as its distance from the top.
const HEADER_BYTES = 64;
const MIN_BELOW_TOP = 0; // uint32 cells: 32-bit loads and stores are never torn between threads
const MAX = 1;
const OUTSIDE_BYTE_OFFSET = 8;
const OVERFLOW = 0; // float64 cells
const UNDERFLOW = 1;

const BEYOND_TOP = TOP_MICROS + 1;

/**
 * Counts durations in fixed memory, within 2 or 3 decimal digits from 0 µs to one hour, and merges by plain addition.
 *
 * Values are microseconds, floored to whole ones. Above the hour they count in `overflow` and stand as one hour in
 * every statistic; below zero (clocks compared across threads) in `underflow` and stand as 0; NaN is refused.
 * Counts are float64, exact to 2^53 records. `min`, `max` and `count` are exact; `quantile` is at most 0.1 % (1 %) above
 * the recorded value and never below it; `mean` and `stddev` take each bin at its centre, which moves the mean by less
 * than 0.05 % (0.4 %) of itself and the deviation by less than that share of `max`. An empty histogram answers 0 to all.
 *
 * Another thread opens the same `buffer` and reads while the owner records: it sees every record sooner or later, all
 * of them once the owner has signalled (message, `Atomics`, exit), and never a count that was not recorded.
 */
export class Histogram {
  readonly digits: Digits;
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly #bounds: Uint32Array;
  readonly #outside: Float64Array;
  readonly #bins: Float64Array;
  readonly #halfBits: number;
  readonly #half: number;
  readonly #shiftBase: number;

  /** Memory of one histogram, a multiple of 64: 188 480 bytes for 3 digits, 26 688 for 2. */
  static sizeBytes(digits: Digits = 3): number {
    return HEADER_BYTES + binCountOf(digits) * 8;
  }

  constructor(options: HistogramOptions = {}) {
    const { digits = 3, byteOffset = 0 } = options;
    if (digits !== 2 && digits !== 3) {
      throw new ArgumentError('Histogram', 'digits', '2 or 3', digits);
    }
    const sizeBytes = Histogram.sizeBytes(digits);
    const buffer = options.buffer ?? allocate(byteOffset + sizeBytes);
    if (byteOffset < 0 || byteOffset % 8 !== 0 || byteOffset + sizeBytes > buffer.byteLength) {
      const room = `a multiple of 8 that leaves ${sizeBytes} of the buffer's ${buffer.byteLength} bytes`;
      throw new ArgumentError('Histogram', 'byteOffset', room, byteOffset);
    }
    this.digits = digits;
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.#halfBits = halfBitsOf(digits);
    this.#half = 1 << this.#halfBits;
    this.#shiftBase = 31 - this.#halfBits;
    this.#bounds = new Uint32Array(buffer, byteOffset, 2);
    this.#outside = new Float64Array(buffer, byteOffset + OUTSIDE_BYTE_OFFSET, 2);
    this.#bins = new Float64Array(buffer, byteOffset + HEADER_BYTES, binCountOf(digits));
  }

  /** Counts one value in microseconds; throws only for NaN. */
  record(micros: number): void {
    const value = micros >= 0 && micros < BEYOND_TOP ? micros >>> 0 : this.#clamp(micros, 1);
    this.#stretch(value);
    const shift = this.#shiftBase - Math.clz32(value | this.#half);
    this.#bins[(shift << this.#halfBits) + (value >>> shift)] += 1;
  }

  /** Counts the same value `times` times at once; `times` is a whole number, 0 does nothing. */
  recordMany(micros: number, times: number): void {
    if (!Number.isSafeInteger(times) || times < 0) {
      throw new ArgumentError('Histogram.recordMany', 'times', 'a whole number from 0', times);
    }
    if (times === 0) return;
    const inside = micros >= 0 && micros < BEYOND_TOP;
    const value = inside ? micros >>> 0 : this.#clamp(micros, times);
    this.#stretch(value);
    this.#bins[binOf(value, this.#halfBits)] += times;
  }

  /** Records so far, those out of range included. */
  get count(): number {
    let count = 0;
    const last = this.#lastBin;
    for (let index = this.#firstBin; index <= last; index += 1) count += this.#bins[index];
    return count;
  }

  /** Records above one hour. */
  get overflow(): number {
    return this.#outside[OVERFLOW];
  }

  /** Records below zero. */
  get underflow(): number {
    return this.#outside[UNDERFLOW];
  }

  /** Smallest value recorded; after `subtract` the smallest it can have been. */
  get min(): number {
    return this.count === 0 ? 0 : this.#minCell;
  }

  /** Largest value recorded; after `subtract` the largest it can have been. */
  get max(): number {
    return this.#bounds[MAX];
  }

  get mean(): number {
    let count = 0;
    let sum = 0;
    this.#forEachCentre((centre, binCount) => {
      count += binCount;
      sum += centre * binCount;
    });
    return count === 0 ? 0 : sum / count;
  }

  /** Spread of the records themselves: the population form, divided by `count`. */
  get stddev(): number {
    const mean = this.mean;
    let count = 0;
    let squares = 0;
    this.#forEachCentre((centre, binCount) => {
      count += binCount;
      squares += (centre - mean) ** 2 * binCount;
    });
    return count === 0 ? 0 : Math.sqrt(squares / count);
  }

  /**
   * The value that at least a share `q` (0 to 1) of the records do not exceed, by nearest rank; the largest value its
   * bin can hold, or `max` where that is smaller.
   */
  quantile(q: number): number {
    const rank = nearestRank('Histogram.quantile', q, this.count);
    // One look at the bounds: bins that fill up meanwhile only bring the rank closer, so the scan always ends on it.
    const last = this.#lastBin;
    let seen = 0;
    for (let index = this.#firstBin; index <= last; index += 1) {
      seen += this.#bins[index];
      if (seen >= rank && seen > 0) {
        return Math.min(binStart(index + 1, this.#halfBits) - 1, this.max);
      }
    }
    return 0;
  }

  /** Adds the records of `other`, exactly; both keep the same digits. Order and grouping of merges do not matter. */
  add(other: Histogram): void {
    this.#requireSameDigits('Histogram.add', other);
    const last = other.#lastBin;
    for (let index = other.#firstBin; index <= last; index += 1) {
      this.#bins[index] += other.#bins[index];
    }
    this.#bounds[MIN_BELOW_TOP] = Math.max(
      this.#bounds[MIN_BELOW_TOP],
      other.#bounds[MIN_BELOW_TOP],
    );
    this.#bounds[MAX] = Math.max(this.#bounds[MAX], other.#bounds[MAX]);
    this.#outside[OVERFLOW] += other.#outside[OVERFLOW];
    this.#outside[UNDERFLOW] += other.#outside[UNDERFLOW];
  }

  /** Becomes a copy of `other` as it stands, which may be growing in another thread. */
  copyFrom(other: Histogram): void {
    this.#requireSameDigits('Histogram.copyFrom', other);
    // Bins first: bounds read later can only be wider.
    this.#bins.set(other.#bins);
    this.#bounds.set(other.#bounds);
    this.#outside.set(other.#outside);
  }

  reset(): void {
    this.#bins.fill(0);
    this.#bounds.fill(0);
    this.#outside.fill(0);
  }

  /**
   * Takes away what an `earlier` look at the same histogram held, which leaves the records made since. Nothing tells
   * when the extremes were recorded, so `min` and `max` become the bounds of the outermost bins left.
   * Throws, unchanged, when `earlier` holds a record that this does not.
   */
  subtract(earlier: Histogram): void {
    this.#requireSameDigits('Histogram.subtract', earlier);
    for (let index = 0; index < this.#bins.length; index += 1) {
      if (earlier.#bins[index] > this.#bins[index]) throw this.#notEarlier(index, earlier);
    }
    let first = -1;
    let last = -1;
    for (let index = 0; index < this.#bins.length; index += 1) {
      this.#bins[index] -= earlier.#bins[index];
      if (this.#bins[index] === 0) continue;
      if (first === -1) first = index;
      last = index;
    }
    this.#narrow(first, last);
    this.#outside[OVERFLOW] -= earlier.#outside[OVERFLOW];
    this.#outside[UNDERFLOW] -= earlier.#outside[UNDERFLOW];
  }

  /** Visits the bins that hold something, ascending; values of a bin are `fromMicros <= value < toMicros`. */
  forEachBin(visit: (fromMicros: number, toMicros: number, count: number) => void): void {
    const last = this.#lastBin;
    for (let index = this.#firstBin; index <= last; index += 1) {
      const count = this.#bins[index];
      if (count === 0) continue;
      visit(binStart(index, this.#halfBits), binStart(index + 1, this.#halfBits), count);
    }
  }

  /** Records from `fromMicros` to `toMicros`, both included and both widened to whole bins. */
  countBetween(fromMicros: number, toMicros: number): number {
    if (!(fromMicros <= toMicros)) {
      throw new ArgumentError(
        'Histogram.countBetween',
        'toMicros',
        `a value from ${fromMicros}`,
        toMicros,
      );
    }
    if (toMicros < 0 || fromMicros >= BEYOND_TOP) return 0;
    const first = binOf(Math.max(0, fromMicros), this.#halfBits);
    const last = binOf(Math.min(TOP_MICROS, toMicros), this.#halfBits);
    let count = 0;
    for (let index = first; index <= last; index += 1) count += this.#bins[index];
    return count;
  }

  get #minCell(): number {
    return TOP_MICROS - this.#bounds[MIN_BELOW_TOP];
  }

  // On an empty histogram the first bin is past the last one and no loop turns.
  get #firstBin(): number {
    return binOf(this.#minCell, this.#halfBits);
  }

  get #lastBin(): number {
    return binOf(this.#bounds[MAX], this.#halfBits);
  }

  /** Before the bin is counted, so that a reader's scan between the bounds misses no bin it could have seen. */
  #stretch(value: number): void {
    const bounds = this.#bounds;
    if (value > bounds[MAX]) bounds[MAX] = value;
    const belowTop = TOP_MICROS - value;
    if (belowTop > bounds[MIN_BELOW_TOP]) bounds[MIN_BELOW_TOP] = belowTop;
  }

  #clamp(micros: number, times: number): number {
    if (micros < 0) {
      this.#outside[UNDERFLOW] += times;
      return 0;
    }
    if (micros >= BEYOND_TOP) {
      this.#outside[OVERFLOW] += times;
      return TOP_MICROS;
    }
    throw new ArgumentError('Histogram.record', 'micros', 'a number of microseconds', micros);
  }

  #narrow(first: number, last: number): void {
    if (first === -1) {
      this.#bounds.fill(0);
      return;
    }
    const min = Math.max(this.#minCell, binStart(first, this.#halfBits));
    const max = Math.min(this.max, binStart(last + 1, this.#halfBits) - 1);
    this.#bounds[MIN_BELOW_TOP] = TOP_MICROS - min;
    this.#bounds[MAX] = max;
  }

  /** Centres of the bins, those of the outermost cut to `min` and `max`, so that a constant keeps its exact mean. */
  #forEachCentre(visit: (centre: number, count: number) => void): void {
    const min = this.#minCell;
    const max = this.max;
    this.forEachBin((from, to, count) => {
      visit((Math.max(from, min) + Math.min(to - 1, max)) / 2, count);
    });
  }

  #requireSameDigits(where: string, other: Histogram): void {
    if (other.digits === this.digits) return;
    throw new HistogramMismatchError(
      where,
      `one keeps ${this.digits} digits, the other ${other.digits}`,
      'Record both with the same digits.',
    );
  }

  #notEarlier(index: number, earlier: Histogram): HistogramMismatchError {
    const here = this.#bins[index];
    return new HistogramMismatchError(
      'Histogram.subtract',
      `${earlier.#bins[index]} records at ${binStart(index, this.#halfBits)} µs against ${here} here`,
      'Subtract an earlier copy of the same histogram.',
    );
  }
}

function allocate(sizeBytes: number): ArrayBufferLike {
  // Browsers hide SharedArrayBuffer from pages that are not cross-origin isolated.
  return typeof SharedArrayBuffer === 'undefined'
    ? new ArrayBuffer(sizeBytes)
    : new SharedArrayBuffer(sizeBytes);
}
