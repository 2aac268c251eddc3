import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestRank } from './nearest-rank.ts';
import { quantile, quantileByRank, quantileOfSorted } from './quantile.ts';

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const values = fc.array(finite, { minLength: 1, maxLength: 50 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('quantile', () => {
  it.each([
    [[15, 20, 35, 40, 50], 0.4, 29],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4], 0.25, 1.75],
    [[7], 0.9, 7],
    [[10, 9, 100], 0.5, 10],
    [[1, Infinity, Infinity], 0.75, Infinity],
  ])('of %j at %s is %s', (list, q, expected) => {
    expect(quantile(list, q)).toBeCloseTo(expected, 12);
  });

  it('runs from the minimum to the maximum, never decreasing', () => {
    fc.assert(
      fc.property(values, share, share, (list, a, b) => {
        expect([quantile(list, 0), quantile(list, 1)]).toEqual([
          Math.min(...list),
          Math.max(...list),
        ]);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        // Rounding of the interpolation.
        expect(quantile(list, high) - quantile(list, low)).toBeGreaterThanOrEqual(-1e-6);
      }),
    );
  });

  it('leaves the list as it was', () => {
    const list = [3, 1, 2];
    quantile(list, 0.5);
    quantileByRank(list, 0.5);
    expect(list).toEqual([3, 1, 2]);
  });

  it('agrees with quantileOfSorted', () => {
    fc.assert(
      fc.property(values, share, (list, q) => {
        expect(
          quantileOfSorted(
            [...list].sort((a, b) => a - b),
            q,
          ),
        ).toBe(quantile(list, q));
      }),
    );
  });

  it('refuses an empty list, NaN and a q outside 0 to 1', () => {
    for (const call of [quantile, quantileByRank]) {
      expect(() => call([], 0.5)).toThrow(/values is empty/);
      expect(() => call([1, Number.NaN], 0.5)).toThrow(/values is NaN/);
      expect(() => call([1], 1.01)).toThrow(/q is 1.01/);
      expect(() => call([1], Number.NaN)).toThrow(/q is NaN/);
    }
    expect(() => quantileOfSorted([], 0.5)).toThrow(/values is empty/);
  });
});

describe('quantileByRank', () => {
  it('is the smallest value that at least a share q does not exceed', () => {
    fc.assert(
      fc.property(values, share, (list, q) => {
        const found = quantileByRank(list, q);
        const below = list.filter((value) => value < found).length;
        const upTo = list.filter((value) => value <= found).length;
        expect(upTo / list.length).toBeGreaterThanOrEqual(q);
        if (below > 0) expect(below / list.length).toBeLessThan(q);
      }),
    );
  });
});

describe('nearestRank', () => {
  it('is exact for every percent of every count to 1000', () => {
    const wrong: string[] = [];
    for (let count = 1; count <= 1000; count += 1) {
      for (let percent = 0; percent <= 100; percent += 1) {
        const exact = Math.max(1, Math.ceil((percent * count) / 100));
        if (nearestRank('test', percent / 100, count) !== exact)
          wrong.push(`${percent}% of ${count}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
