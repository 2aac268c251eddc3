import { ArgumentError } from './errors.ts';
import { hash32 } from './hash32.ts';
import { Xoshiro128 } from './xoshiro128.ts';

const TWO_TO_32 = 2 ** 32;

/**
 * Seeded random numbers, the same on every runtime and in every thread (xoshiro128**). For choices and arrivals, not
 * for secrets.
 */
export class Rng {
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #bits: Xoshiro128;

  /** `seed` is any integer within 2^53, each with a sequence of its own. */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) {
      throw new ArgumentError('Rng', 'seed', 'an integer within 2^53', seed);
    }
    this.#seedLow = seed >>> 0;
    this.#seedHigh = Math.floor(seed / TWO_TO_32);
    const [a, b, c, d] = [0, 1, 2, 3].map((index) => this.#derive(index));
    // The one state the generator never leaves is all zeros; an odd word rules it out.
    this.#bits = new Xoshiro128(a, b, c, d | 1);
  }

  /** Uniform from 0 to 2^32-1. */
  uint32(): number {
    return this.#bits.uint32();
  }

  /** Uniform in [0, 1) with 53 bits, two draws: deep tails of `exponential` need more than 32. */
  next(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform from 0 to n-1 without bias, for n up to 2^32; the few draws that would favour low numbers are redrawn. */
  int(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_TO_32) {
      throw new ArgumentError('Rng.int', 'n', 'an integer from 1 to 2^32', n);
    }
    const unbiased = TWO_TO_32 - (TWO_TO_32 % n);
    let drawn = this.uint32();
    while (drawn >= unbiased) drawn = this.uint32();
    return drawn % n;
  }

  /** Exponential with mean `1 / rate`, in the inverse unit of `rate`: the gaps of a Poisson process; by inversion. */
  exponential(rate: number): number {
    if (!(rate > 0 && rate < Infinity)) {
      throw new ArgumentError('Rng.exponential', 'rate', 'a finite rate above 0', rate);
    }
    // log1p keeps small gaps exact, and the argument never reaches -1. `0 -` so that no gap is -0.
    return 0 - Math.log1p(-this.next()) / rate;
  }

  /**
   * A generator of its own for `label`, from the seed alone: drawing from this one, before or after, changes nothing.
   * Streams of different labels are unrelated; a number and its text are different labels.
   */
  fork(label: string | number): Rng {
    if (typeof label === 'number' && !Number.isSafeInteger(label)) {
      throw new ArgumentError('Rng.fork', 'label', 'an integer within 2^53 or a text', label);
    }
    // 53 bits, so that among a million streams two are the same once in some ten thousand runs.
    const high = absorb(this.#derive(4), label) >>> 11;
    return new Rng(high * TWO_TO_32 + absorb(this.#derive(5), label));
  }

  /** Word `index` (0 to 7) of what the seed expands to; both halves count in full, which one `hash32(seed)` cannot do. */
  #derive(index: number): number {
    return hash32(this.#seedLow, this.#seedHigh * 8 + index);
  }
}

function absorb(state: number, label: string | number): number {
  if (typeof label === 'number') return hash32(state, label);
  let absorbed = state;
  for (let index = 0; index < label.length; index += 1) {
    absorbed = hash32(absorbed, label.charCodeAt(index));
  }
  // More rounds than a number takes, so that a one-character text is not its code.
  return hash32(hash32(absorbed, label.length), ~label.length);
}
