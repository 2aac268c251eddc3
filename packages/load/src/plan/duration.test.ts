import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { PlanError } from './errors.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['1.5s', 1500],
    ['10', 10_000],
    [0.25, 250],
    ['0', 0],
    [' 3s ', 3000],
    ['1d1h1m1s1ms', 90_061_001],
  ])('%s is %i ms', (text, expectedMs) => {
    expect(parseDuration(text)).toBe(expectedMs);
  });

  it.each([
    ['', 'is empty'],
    ['-5s', 'is negative'],
    ['NaN', 'is not made of'],
    [Number.NaN, 'is not made of'],
    [Infinity, 'is not made of'],
    ['10 s', 'is not made of'],
    ['10sec', 'is not made of'],
    ['s', 'is not made of'],
    ['1e9', 'is not made of'],
    ['30s1m', 'out of order'],
    ['1s1s', 'out of order'],
    ['25d', 'longer than 24 days'],
    ['999999999999999999999h', 'longer than 24 days'],
  ])('refuses %s', (text, cause) => {
    expect(() => parseDuration(text, '--timeout')).toThrow(cause);
  });

  it('says where and how to write it', () => {
    expect(() => parseDuration('fast', '--timeout')).toThrow(PlanError);
    expect(() => parseDuration('fast', '--timeout')).toThrow(
      'Not a duration: "fast" is not made of numbers and units d, h, m, s, ms (--timeout). ' +
        'Write it like 500ms, 10s, 1m30s or 2h; a bare number is seconds.',
    );
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [10_000, '10s'],
    [90_500, '1m30.5s'],
    [7_200_000, '2h'],
    [Infinity, 'for ever'],
  ])('%i ms is %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  it('writes what parseDuration reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 * 86_400_000 }), (durationMs) => {
        expect(parseDuration(formatDuration(durationMs))).toBeCloseTo(durationMs, 6);
      }),
    );
  });
});
