import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, progressTrack, sparkline } from './bars.ts';

describe('bar', () => {
  it('is as long as its share, to an eighth of a column', () => {
    expect(bar(1, 4)).toBe('████');
    expect(bar(0.5, 4)).toBe('██');
    expect(bar(0.53125, 4)).toBe('██▏');
    expect(bar(2, 4)).toBe('████');
  });

  it('shows something for anything above nothing, and nothing for nothing', () => {
    expect(bar(1e-9, 4)).toBe('▏');
    expect(bar(0, 4)).toBe('');
    expect(bar(NaN, 4)).toBe('');
  });
});

describe('progressTrack', () => {
  it('is exactly as wide as asked for, whatever the fraction', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.nat(200), (fraction, width) => {
        expect(progressTrack(fraction, width).join('')).toHaveLength(width);
      }),
    );
  });
});

describe('sparkline', () => {
  it('draws from zero at the bottom to the largest at the top', () => {
    expect(sparkline([0, 1, 2, 4, 8], 10)).toBe('▁▁▂▄█');
  });

  it('stays at the bottom when there was nothing', () => {
    expect(sparkline([0, 0], 10)).toBe('▁▁');
    expect(sparkline([], 10)).toBe('');
  });

  it('keeps a spike when many values share a character', () => {
    const values = Array.from({ length: 100 }, (_, index) => (index === 57 ? 80 : 1));
    const line = sparkline(values, 10);
    expect(line).toHaveLength(10);
    expect(line.indexOf('█')).toBe(5);
  });
});
