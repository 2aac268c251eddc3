import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';
import { quantileByRank } from './quantile.ts';

const TOP = 3_600_000_000;
/** Log-spread, so that every row of bins is visited, with the edges of 32 bits in. */
const micros: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: 5000 }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((share) => Math.floor(TOP ** share)),
  fc.integer({ min: 2 ** 31 - 10, max: TOP }),
  fc.constantFrom(0, 1, 2047, 2048, 4095, 4096, 2 ** 31 - 1, 2 ** 31, TOP - 1, TOP),
);
const values = fc.array(micros, { minLength: 1, maxLength: 200 });
const digits = fc.constantFrom(2 as const, 3 as const);
const share = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 1),
);

function recorded(list: readonly number[], keep: 2 | 3 = 3): Histogram {
  const histogram = new Histogram({ digits: keep });
  for (const value of list) histogram.record(value);
  return histogram;
}

function contents(histogram: Histogram): unknown {
  const bins: number[][] = [];
  histogram.forEachBin((...bin) => bins.push(bin));
  const { count, min, max, mean, stddev, overflow, underflow } = histogram;
  return { bins, count, min, max, mean, stddev, overflow, underflow };
}

describe('new Histogram', () => {
  it('answers 0 to everything while empty', () => {
    const histogram = new Histogram();
    const zeros = { count: 0, min: 0, max: 0, mean: 0, stddev: 0, overflow: 0, underflow: 0 };
    expect(contents(histogram)).toEqual({ bins: [], ...zeros });
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.countBetween(0, TOP)).toBe(0);
  });

  it('takes a 64-byte multiple of shared memory, the same as sizeBytes says', () => {
    const histogram = new Histogram({ digits: 2 });
    expect(histogram.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(histogram.buffer.byteLength).toBe(Histogram.sizeBytes(2));
    expect([Histogram.sizeBytes(), Histogram.sizeBytes(2)]).toEqual([188_480, 26_688]);
  });

  it('keeps neighbours in one buffer apart, and opens the same place twice as one', () => {
    const sizeBytes = Histogram.sizeBytes(2);
    const buffer = new ArrayBuffer(sizeBytes * 3);
    const row = [0, 1, 2].map(
      (index) => new Histogram({ digits: 2, buffer, byteOffset: index * sizeBytes }),
    );
    row[1].record(TOP);
    row[1].record(-1);
    expect(row.map((histogram) => histogram.count)).toEqual([0, 2, 0]);
    expect(row.map((histogram) => histogram.max)).toEqual([0, TOP, 0]);
    const again = new Histogram({ digits: 2, buffer, byteOffset: sizeBytes });
    expect(contents(again)).toEqual(contents(row[1]));
  });

  it.each([
    ['digits', { digits: 4 as never }],
    ['byteOffset', { byteOffset: 4 }],
    ['byteOffset', { byteOffset: -8 }],
    ['byteOffset', { digits: 2 as const, buffer: new ArrayBuffer(26_687) }],
    ['byteOffset', { digits: 2 as const, buffer: new ArrayBuffer(26_688), byteOffset: 8 }],
  ])('refuses %s that cannot be: %j', (argument, options) => {
    expect(() => new Histogram(options)).toThrow(
      expect.objectContaining({ code: 'ERR_STATS_ARGUMENT', argument }),
    );
  });
});

describe('Histogram.record', () => {
  it('floors fractions', () => {
    const histogram = recorded([5.999, 0.2]);
    expect([histogram.min, histogram.max]).toEqual([0, 5]);
  });

  it('counts what is above the hour as an hour, and apart', () => {
    const histogram = recorded([10, TOP + 0.5, TOP + 1, Infinity]);
    expect([histogram.count, histogram.overflow]).toEqual([4, 2]);
    expect([histogram.max, histogram.quantile(1)]).toEqual([TOP, TOP]);
  });

  it('counts what is below zero as 0, and apart', () => {
    const histogram = recorded([-0.001, -Infinity, -0, 7]);
    expect([histogram.count, histogram.underflow]).toEqual([4, 2]);
    expect([histogram.min, histogram.quantile(0.75)]).toEqual([0, 0]);
  });

  it('refuses NaN and stays as it was', () => {
    const histogram = recorded([1]);
    const before = contents(histogram);
    expect(() => histogram.record(Number.NaN)).toThrow(/micros is NaN \(in Histogram\.record\)/);
    expect(contents(histogram)).toEqual(before);
  });
});

describe('Histogram.recordMany', () => {
  it('is record repeated', () => {
    fc.assert(
      fc.property(micros, fc.nat({ max: 50 }), digits, (value, times, keep) => {
        const at = new Histogram({ digits: keep });
        at.recordMany(value, times);
        expect(contents(at)).toEqual(contents(recorded(Array(times).fill(value), keep)));
      }),
    );
  });

  it('keeps counts exact far beyond 32 bits', () => {
    const histogram = new Histogram();
    histogram.recordMany(1500, 2 ** 52);
    histogram.record(1500);
    histogram.recordMany(TOP + 1, 2 ** 40);
    expect(histogram.count).toBe(2 ** 52 + 2 ** 40 + 1);
    expect(histogram.overflow).toBe(2 ** 40);
    expect(histogram.quantile(0.5)).toBe(1500);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses %s times', (times) => {
    expect(() => new Histogram().recordMany(1, times)).toThrow(RangeError);
  });
});

describe('Histogram.quantile', () => {
  it('is never below the exact value and within the digits above it', () => {
    fc.assert(
      fc.property(values, share, digits, (list, q, keep) => {
        const exact = quantileByRank(list, q);
        const found = recorded(list, keep).quantile(q);
        expect(found).toBeGreaterThanOrEqual(exact);
        expect(found - exact).toBeLessThanOrEqual(exact * 10 ** -keep);
      }),
      { numRuns: 500 },
    );
  });

  it('ends on max and is exact below 2048 µs', () => {
    fc.assert(
      fc.property(values, share, (list, q) => {
        expect(recorded(list).quantile(1)).toBe(Math.max(...list));
        const small = list.map((value) => value % 2048);
        expect(recorded(small).quantile(q)).toBe(quantileByRank(small, q));
      }),
    );
  });

  it.each([-0.1, 1.1, 99, Number.NaN])('refuses %s', (q) => {
    expect(() => recorded([1]).quantile(q)).toThrow(RangeError);
  });
});

describe('Histogram count, min, max, mean, stddev', () => {
  it('are exact, mean and stddev within half a bin', () => {
    fc.assert(
      fc.property(values, digits, (list, keep) => {
        const { count, min, max, mean, stddev } = recorded(list, keep);
        expect([count, min, max]).toEqual([list.length, Math.min(...list), Math.max(...list)]);
        const exact = list.reduce((sum, value) => sum + value, 0) / list.length;
        const variance = list.reduce((sum, value) => sum + (value - exact) ** 2, 0) / list.length;
        const halfBin = keep === 3 ? 1 / 2048 : 1 / 256;
        expect(Math.abs(mean - exact)).toBeLessThanOrEqual(exact * halfBin + 1e-6);
        // Moving every value by at most d moves the standard deviation by at most d.
        expect(Math.abs(stddev - Math.sqrt(variance))).toBeLessThanOrEqual(max * halfBin + 1e-6);
      }),
    );
  });

  it('of a constant are that constant', () => {
    const { mean, stddev } = recorded([1_234_567, 1_234_567, 1_234_567]);
    expect([mean, stddev]).toEqual([1_234_567, 0]);
  });
});

describe('Histogram.add', () => {
  it('equals recording everything into one, in any order and grouping', () => {
    fc.assert(
      fc.property(values, values, values, digits, (a, b, c, keep) => {
        const whole = contents(recorded([...a, ...b, ...c], keep));
        const left = recorded(a, keep);
        left.add(recorded(b, keep));
        left.add(recorded(c, keep));
        const right = recorded(c, keep);
        right.add(recorded(b, keep));
        const grouped = recorded(a, keep);
        grouped.add(right);
        expect(contents(left)).toEqual(whole);
        expect(contents(grouped)).toEqual(whole);
      }),
    );
  });

  it('adds what was out of range, and nothing for an empty one', () => {
    const sum = recorded([-1, TOP * 2]);
    sum.add(recorded([-1]));
    sum.add(new Histogram());
    expect([sum.count, sum.underflow, sum.overflow]).toEqual([3, 2, 1]);
  });

  it('doubles a histogram added to itself', () => {
    const histogram = recorded([3, 40_000]);
    histogram.add(histogram);
    expect(contents(histogram)).toEqual(contents(recorded([3, 3, 40_000, 40_000])));
  });

  it('refuses other digits', () => {
    expect(() => new Histogram({ digits: 3 }).add(new Histogram({ digits: 2 }))).toThrow(
      expect.objectContaining({ code: 'ERR_HISTOGRAM_MISMATCH' }),
    );
  });
});

describe('Histogram.copyFrom and reset', () => {
  it('replace what was there, and the copy stands alone', () => {
    const original = recorded([1, 2_000_000, TOP, -5, Infinity]);
    const copy = recorded([77]);
    copy.copyFrom(original);
    expect(contents(copy)).toEqual(contents(original));
    original.reset();
    expect(contents(original)).toEqual(contents(new Histogram()));
    expect(copy.count).toBe(5);
  });

  it('copy extremes whose bits would be NaN as one float64', () => {
    const original = recorded([1, 2 ** 31 - 1]);
    const copy = new Histogram();
    copy.copyFrom(original);
    expect([copy.min, copy.max]).toEqual([1, 2 ** 31 - 1]);
  });
});

describe('Histogram.subtract', () => {
  it('leaves the records made between two looks', () => {
    fc.assert(
      fc.property(values, values, share, digits, (before, since, q, keep) => {
        const growing = recorded(before, keep);
        const earlier = new Histogram({ digits: keep });
        earlier.copyFrom(growing);
        for (const value of since) growing.record(value);
        growing.subtract(earlier);
        const interval = recorded(since, keep);
        expect(bins(growing)).toEqual(bins(interval));
        expect(growing.min).toBeLessThanOrEqual(interval.min);
        expect(growing.max).toBeGreaterThanOrEqual(interval.max);
        const within = 10 ** -keep;
        expect(interval.min - growing.min).toBeLessThanOrEqual(interval.min * within);
        expect(growing.max - interval.max).toBeLessThanOrEqual(interval.max * within);
        expect(growing.quantile(q)).toBeGreaterThanOrEqual(quantileByRank(since, q));
      }),
    );
  });

  it('of itself leaves an empty histogram', () => {
    const histogram = recorded([1, 50_000, TOP * 2, -1]);
    const copy = new Histogram();
    copy.copyFrom(histogram);
    histogram.subtract(copy);
    expect(contents(histogram)).toEqual(contents(new Histogram()));
  });

  it('refuses a later look and changes nothing', () => {
    const histogram = recorded([1, 2, 9000]);
    const before = contents(histogram);
    expect(() => histogram.subtract(recorded([1, 9000, 9000]))).toThrow(
      /2 records at 9000 µs against 1 here \(in Histogram\.subtract\)/,
    );
    expect(contents(histogram)).toEqual(before);
  });
});

describe('Histogram.forEachBin and countBetween', () => {
  it('cover every record once, in ascending bins', () => {
    fc.assert(
      fc.property(values, digits, (list, keep) => {
        const histogram = recorded(list, keep);
        let end = 0;
        for (const [from, to, count] of bins(histogram)) {
          expect(from).toBeGreaterThanOrEqual(end);
          expect(list.filter((value) => value >= from && value < to)).toHaveLength(count);
          expect(histogram.countBetween(from, to - 1)).toBe(count);
          end = to;
        }
        expect(histogram.countBetween(0, Infinity)).toBe(list.length);
      }),
    );
  });

  it('counts exactly below 2048 µs and takes ends in any range', () => {
    const histogram = recorded([0, 10, 20, 30, TOP]);
    expect(histogram.countBetween(10, 20)).toBe(2);
    expect(histogram.countBetween(11, 29.5)).toBe(1);
    expect(histogram.countBetween(-5, -1)).toBe(0);
    expect(histogram.countBetween(TOP * 2, Infinity)).toBe(0);
    expect(() => histogram.countBetween(2, 1)).toThrow(RangeError);
  });
});

function bins(histogram: Histogram): [number, number, number][] {
  const found: [number, number, number][] = [];
  histogram.forEachBin((...bin) => found.push(bin));
  return found;
}
