import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW_MS = Date.UTC(1994, 10, 6, 8, 49, 30);

describe('retryAfterMs', () => {
  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 7000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 7000],
    ['Sun Nov  6 08:49:37 1994', 7000],
    ['Sun, 06 Nov 1994 08:49:00 GMT', 0],
    ['', null],
    ['12s', null],
    ['-5', null],
    ['1e3', null],
    ['99999999999', null],
    ['1994-11-06', null],
    ['Sun, 99 Nov 1994 08:49:37 GMT', null],
  ])('%j is %j', (value, expected) => {
    expect(retryAfterMs(value, NOW_MS)).toBe(expected);
  });

  it('gives a wait that is no less than nothing, or none, for any text', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const ms = retryAfterMs(value, NOW_MS);
        expect(ms === null || ms >= 0).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
