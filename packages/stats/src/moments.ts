import { ArgumentError } from './errors.ts';

/**
 * Count, mean, variance and range of a stream in five numbers of memory, without the cancellation that a sum of
 * squares suffers. One value at a time by Welford (1962), merged by Chan, Golub and LeVeque (1983); merging agrees
 * with adding everything to one within rounding, not bit for bit. What is not defined yet is NaN, the range of nothing
 * Infinity to -Infinity.
 */
export class Moments {
  #count = 0;
  #mean = 0;
  /** Sum of squared distances from the mean. */
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;

  /** Takes in one finite value. */
  add(value: number): void {
    if (!Number.isFinite(value)) {
      throw new ArgumentError('Moments.add', 'value', 'a finite number', value);
    }
    this.#count += 1;
    const fromOldMean = value - this.#mean;
    this.#mean += fromOldMean / this.#count;
    this.#squares += fromOldMean * (value - this.#mean);
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  /** Takes in everything `other` has seen; `other` stays as it is. */
  merge(other: Moments): void {
    if (other.#count === 0) return;
    const count = this.#count + other.#count;
    const apart = other.#mean - this.#mean;
    const otherShare = other.#count / count;
    this.#squares += other.#squares + apart * apart * this.#count * otherShare;
    this.#mean += apart * otherShare;
    this.#count = count;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  get count(): number {
    return this.#count;
  }

  /** NaN before the first value. */
  get mean(): number {
    return this.#count === 0 ? Number.NaN : this.#mean;
  }

  /** Unbiased estimate, divided by n-1; NaN before the second value. */
  get variance(): number {
    return this.#count < 2 ? Number.NaN : this.#squares / (this.#count - 1);
  }

  /** Square root of `variance`. */
  get stddev(): number {
    return Math.sqrt(this.variance);
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }
}
