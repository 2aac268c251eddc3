import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Moments } from './moments.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
  minLength: 2,
  maxLength: 60,
});

function of(list: readonly number[]): Moments {
  const moments = new Moments();
  for (const value of list) moments.add(value);
  return moments;
}

describe('Moments.add', () => {
  it('agrees with the two-pass formulas', () => {
    fc.assert(
      fc.property(values, (list) => {
        const found = of(list);
        const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
        const variance =
          list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1);
        expect(found.count).toBe(list.length);
        expect(Math.abs(found.mean - mean)).toBeLessThan(1e-6);
        expect(Math.abs(found.variance - variance)).toBeLessThanOrEqual(1e-9 * variance + 1e-6);
        expect([found.min, found.max]).toEqual([Math.min(...list), Math.max(...list)]);
      }),
    );
  });

  it('keeps a small spread around a large mean, where sums of squares cancel', () => {
    const found = of([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
    expect([found.mean, found.variance]).toEqual([1e9 + 10, 30]);
    expect(found.stddev).toBe(Math.sqrt(30));
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuses %s', (value) => {
    expect(() => of([value])).toThrow(/value is/);
  });
});

describe('Moments.merge', () => {
  it('agrees with adding everything to one', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const whole = of([...a, ...b]);
        const merged = of(a);
        merged.merge(of(b));
        expect(merged.count).toBe(whole.count);
        expect(Math.abs(merged.mean - whole.mean)).toBeLessThan(1e-6);
        expect(Math.abs(merged.variance - whole.variance)).toBeLessThanOrEqual(
          1e-9 * whole.variance + 1e-6,
        );
        expect([merged.min, merged.max]).toEqual([whole.min, whole.max]);
      }),
    );
  });

  it('changes nothing for an empty one, on either side', () => {
    const merged = of([1, 2]);
    merged.merge(new Moments());
    const into = new Moments();
    into.merge(merged);
    expect([into.count, into.mean, into.variance, into.min, into.max]).toEqual([2, 1.5, 0.5, 1, 2]);
  });
});

describe('Moments before there is enough', () => {
  it('has NaN for what is not defined', () => {
    expect([new Moments().mean, of([3]).variance, of([3]).stddev]).toEqual([NaN, NaN, NaN]);
    expect([new Moments().min, new Moments().max]).toEqual([Infinity, -Infinity]);
  });
});
