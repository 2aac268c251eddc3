import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Moments } from './moments.ts';
import { Rng } from './rng.ts';

const seeds = fc.maxSafeInteger();

function draws(rng: Rng, count: number): number[] {
  return Array.from({ length: count }, () => rng.uint32());
}

describe('new Rng', () => {
  it('repeats itself for a seed and differs for others', () => {
    fc.assert(
      fc.property(seeds, seeds, (seed, other) => {
        fc.pre(seed !== other);
        expect(draws(new Rng(seed), 8)).toEqual(draws(new Rng(seed), 8));
        expect(draws(new Rng(seed), 8)).not.toEqual(draws(new Rng(other), 8));
      }),
    );
  });

  it('gives these numbers on every runtime and in every version', () => {
    expect(draws(new Rng(1), 4)).toEqual([
      4_183_854_642, 2_469_225_644, 1_319_203_088, 724_018_213,
    ]);
    expect(new Rng(1).next()).toBe(0.9741295693435623);
    expect(new Rng(1).fork('a').uint32()).toBe(3_320_797_389);
    expect(new Rng(1).fork(7).uint32()).toBe(494_388_613);
  });

  it.each([0.5, Number.NaN, 2 ** 53])('refuses seed %s', (seed) => {
    expect(() => new Rng(seed)).toThrow(/seed is/);
  });
});

describe('Rng.next', () => {
  it('fills [0, 1) evenly', () => {
    const rng = new Rng(11);
    const bins = new Float64Array(100);
    const moments = new Moments();
    for (let index = 0; index < 100_000; index += 1) {
      const drawn = rng.next();
      bins[Math.floor(drawn * 100)] += 1;
      moments.add(drawn);
    }
    expect(moments.min).toBeGreaterThanOrEqual(0);
    expect(moments.max).toBeLessThan(1);
    expect(moments.mean).toBeCloseTo(0.5, 2);
    expect(chiSquare(bins, 1000)).toBeLessThan(CHI_SQUARE_99_DF);
  });
});

describe('Rng.int', () => {
  it('stays within 0 to n-1', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, n) => {
        const drawn = new Rng(seed).int(n);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < n).toBe(true);
      }),
    );
  });

  it('favours no third of a range that does not divide 2^32, where a plain remainder would', () => {
    const n = 3 * 2 ** 30;
    const rng = new Rng(5);
    const thirds = [0, 0, 0];
    for (let index = 0; index < 30_000; index += 1) thirds[Math.floor(rng.int(n) / 2 ** 30)] += 1;
    // A remainder would put half of the draws in the first third.
    for (const third of thirds) expect(Math.abs(third - 10_000)).toBeLessThan(400);
  });

  it.each([0, -1, 1.5, 2 ** 32 + 1, Number.NaN])('refuses n = %s', (n) => {
    expect(() => new Rng(1).int(n)).toThrow(/n is/);
  });
});

describe('Rng.exponential', () => {
  it('has mean and standard deviation 1/rate, and the tail of an exponential', () => {
    const rng = new Rng(3);
    const moments = new Moments();
    let beyondThreeMeans = 0;
    for (let index = 0; index < 100_000; index += 1) {
      const gap = rng.exponential(50);
      moments.add(gap);
      if (gap > 3 / 50) beyondThreeMeans += 1;
    }
    expect(moments.min).toBeGreaterThanOrEqual(0);
    expect(moments.mean * 50).toBeCloseTo(1, 1);
    expect(moments.stddev * 50).toBeCloseTo(1, 1);
    expect(beyondThreeMeans / 100_000 / Math.exp(-3)).toBeCloseTo(1, 1);
  });

  it.each([0, -1, Infinity, Number.NaN])('refuses rate %s', (rate) => {
    expect(() => new Rng(1).exponential(rate)).toThrow(/rate is/);
  });
});

describe('Rng.fork', () => {
  it('depends on seed and label alone, not on what was drawn', () => {
    const rng = new Rng(9);
    const early = draws(rng.fork('user'), 4);
    draws(rng, 100);
    expect(draws(rng.fork('user'), 4)).toEqual(early);
    expect(draws(new Rng(10).fork('user'), 4)).not.toEqual(early);
  });

  it('tells labels apart, a number from its text and a text from its parts', () => {
    const labels = ['', '1', 1, 49, 'a', 'aa', 'ab', 'ba', 0, -1, 2 ** 40, 2 ** 32];
    const firsts = labels.map((label) => new Rng(1).fork(label).next());
    expect(new Set(firsts).size).toBe(labels.length);
  });

  it('keeps a hundred thousand forks of forks distinct', () => {
    const root = new Rng(2);
    const seen = new Set<number>();
    for (let index = 0; index < 100_000; index += 1) {
      seen.add(root.fork(index).fork('arrivals').next());
    }
    expect(seen.size).toBe(100_000);
  });

  it('is unrelated to the stream it came from', () => {
    const parent = new Rng(4);
    const child = parent.fork(0);
    let products = 0;
    for (let index = 0; index < 50_000; index += 1) {
      products += (parent.next() - 0.5) * (child.next() - 0.5);
    }
    // A correlation coefficient: the product's scale is 1/12.
    expect(Math.abs((products / 50_000) * 12)).toBeLessThan(0.02);
  });

  it('refuses a label that is no integer', () => {
    expect(() => new Rng(1).fork(0.5)).toThrow(/label is 0.5/);
  });
});

/** 99 degrees of freedom, one in a thousand. */
const CHI_SQUARE_99_DF = 148.2;

function chiSquare(bins: Float64Array, expected: number): number {
  return bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
