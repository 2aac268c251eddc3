import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatPercent,
  formatRate,
  formatSetting,
  formatShare,
  significant,
} from './figures.ts';

describe('formatMs', () => {
  it.each([
    [0, '0 ms'],
    [0.0001, '<1 µs'],
    [0.001, '1 µs'],
    [0.4126, '413 µs'],
    [0.9994, '999 µs'],
    [0.9996, '1.00 ms'],
    [1, '1.00 ms'],
    [9.994, '9.99 ms'],
    [9.996, '10.0 ms'],
    [99.96, '100 ms'],
    [999.4, '999 ms'],
    [999.6, '1.00 s'],
    [59_900, '59.9 s'],
    [59_960, '1m 0s'],
    [72_400, '1m 12s'],
    [3_599_600, '1h 0m'],
    [5_400_000, '1h 30m'],
    [360_000_000, '100h 0m'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });
});

describe('formatSetting', () => {
  it.each([
    [10_000, '10 s'],
    [1500, '1.5 s'],
    [250, '250 ms'],
    [100, '100 ms'],
    [1, '1 ms'],
    [1.25, '1.25 ms'],
    [90_000, '1m 30s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatSetting(ms)).toBe(text);
  });
});

describe('formatShare', () => {
  it.each([
    [0, 10, '0%'],
    [10, 10, '100%'],
    [1, 1_000_000, '<0.01%'],
    [999_999, 1_000_000, '>99.99%'],
    [9985, 10_000, '99.85%'],
    [1, 8, '12.5%'],
    [1, 30, '3.33%'],
    [0, 0, '–'],
  ])('writes %d of %d as %s', (part, whole, text) => {
    expect(formatShare(part, whole)).toBe(text);
  });
});

describe('formatRate, formatCount, formatBytes, formatPercent, significant', () => {
  it('keep whole digits of large figures and three significant ones of small figures', () => {
    expect([18_204.4, 100, 99.94, 1.234, 0.5, 0].map(formatRate)).toEqual([
      '18,204',
      '100',
      '99.9',
      '1.23',
      '0.500',
      '0',
    ]);
    expect([0, 999, 1000, 15_552_000_000].map(formatCount)).toEqual([
      '0',
      '999',
      '1,000',
      '15,552,000,000',
    ]);
    expect([0, 12, 999, 1000, 4_100_000, 1.2e12, 5e18].map(formatBytes)).toEqual([
      '0 B',
      '12.0 B',
      '999 B',
      '1.00 kB',
      '4.10 MB',
      '1.20 TB',
      '5,000 PB',
    ]);
    expect([0, 0.4, 21, 99.5, 100].map(formatPercent)).toEqual([
      '0%',
      '0.40%',
      '21.0%',
      '99.50%',
      '100%',
    ]);
    expect([0, 11.44, 9.996, 1234.5, 0.00012].map(significant)).toEqual([
      '0',
      '11.4',
      '10.0',
      '1,235',
      '0.000120',
    ]);
  });
});
