/**
 * The generator xoshiro128** 1.1: 32-bit arithmetic only, period 2^128-1, passes BigCrush (Blackman and Vigna,
 * "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 2021). The state is four words, not all zero.
 */
export class Xoshiro128 {
  // Signed 32-bit, which both engines keep unboxed.
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(a: number, b: number, c: number, d: number) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
  }

  /** Uniform from 0 to 2^32-1. */
  uint32(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled >>> 0;
  }
}

function rotateLeft(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by));
}
