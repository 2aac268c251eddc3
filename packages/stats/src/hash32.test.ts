import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hash32 } from './hash32.ts';

describe('hash32', () => {
  it('gives these numbers on every runtime and in every version', () => {
    const found = [hash32(0, 0), hash32(0, 1), hash32(1, 0), hash32(7, 2 ** 40)];
    expect(found).toEqual([1_680_814_304, 832_366_556, 3_696_427_742, 3_441_080_171]);
  });

  it('is a whole number of 32 bits for any integers', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (seed, n) => {
        const hash = hash32(seed, n);
        expect(hash).toBe(hash >>> 0);
      }),
    );
  });

  it('spreads neighbours evenly over 1024 places, from the low bits and from the high', () => {
    const low = new Float64Array(1024);
    const high = new Float64Array(1024);
    for (let n = 0; n < 102_400; n += 1) {
      const hash = hash32(42, n);
      low[hash & 1023] += 1;
      high[hash >>> 22] += 1;
    }
    for (const places of [low, high]) {
      const chiSquare = places.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
      // 1023 degrees of freedom: mean 1023, standard deviation 45.
      expect(chiSquare).toBeGreaterThan(1023 - 4 * 45);
      expect(chiSquare).toBeLessThan(1023 + 4 * 45);
    }
  });

  it('flips about half of the bits when one bit of the seed or of n flips', () => {
    for (let bit = 0; bit < 53; bit += 1) {
      let [bySeed, byN] = [0, 0];
      for (let sample = 0; sample < 300; sample += 1) {
        const [seed, n] = [sample * 7919, sample * 104_729];
        const hash = hash32(seed, n);
        bySeed += bitsSet(hash ^ hash32(flip(seed, bit), n));
        byN += bitsSet(hash ^ hash32(seed, flip(n, bit)));
      }
      for (const flipped of [bySeed, byN]) expect(flipped / 300 / 32).toBeCloseTo(0.5, 1);
    }
  });
});

function flip(value: number, bit: number): number {
  const isSet = Math.floor(value / 2 ** bit) % 2 === 1;
  return isSet ? value - 2 ** bit : value + 2 ** bit;
}

function bitsSet(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
