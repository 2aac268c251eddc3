import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount, parseCount, parseRate } from './count.ts';

describe('parseCount', () => {
  it.each([
    ['250', 250],
    ['10k', 10_000],
    ['1m', 1_000_000],
    ['1.1K', 1100],
    ['2B', 2e9],
    ['1_000', 1000],
    ['12,345', 12_345],
    [7, 7],
    ['0', 0],
  ])('%s is %i', (text, expected) => {
    expect(parseCount(text)).toBe(expected);
  });

  it.each([
    ['', 'is empty'],
    ['-1', 'is negative'],
    [Number.NaN, 'is not a number'],
    [Infinity, 'is not a number'],
    ['1,00', 'is not a number'],
    ['0x10', 'is not a number'],
    ['10kk', 'is not a number'],
    ['1.5', 'is not a whole number'],
    ['0.0001k', 'is not a whole number'],
    ['99999999b', 'is larger than any run can count'],
  ])('refuses %s', (text, cause) => {
    expect(() => parseCount(text, '-n')).toThrow(cause);
  });

  it('reads what formatCount writes', () => {
    fc.assert(
      fc.property(fc.nat(), (count) => {
        expect(parseCount(formatCount(count))).toBe(count);
      }),
    );
  });
});

describe('formatCount', () => {
  it('writes numbers as the English locale does, with at most three decimals', () => {
    const locale = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });
    const thousandths = fc.integer({ min: -1e12, max: 1e12 }).map((whole) => whole / 1000);
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), thousandths), (count) => {
        expect(formatCount(count)).toBe(locale.format(count));
      }),
    );
    expect([0.5, 2000, 1234.5678, 1 / 3].map(formatCount)).toEqual([
      '0.5',
      '2,000',
      '1,234.568',
      '0.333',
    ]);
  });
});

describe('parseRate', () => {
  it.each([
    ['2000', 2000],
    ['2k', 2000],
    ['0.5', 0.5],
    ['100/s', 100],
    ['600/m', 10],
    ['36k/h', 10],
  ])('%s is %f a second', (text, expected) => {
    expect(parseRate(text)).toBe(expected);
  });

  it('refuses what is no rate', () => {
    expect(() => parseRate('fast', '-R')).toThrow(
      'Not a rate: "fast" is not a number (-R). Write it like 2000, 2k, 0.5 or 600/m.',
    );
  });
});
