import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { HdrDecodeError, decodeHdr, encodeHdr, toHgrm } from './hdr.ts';
import { Histogram } from './histogram.ts';

const TOP = 3_600_000_000;
const micros = fc.oneof(
  fc.nat({ max: 5000 }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((share) => Math.floor(TOP ** share)),
  fc.constantFrom(0, 2047, 2048, 2 ** 31, TOP),
);
const counted = fc.array(fc.tuple(micros, fc.integer({ min: 1, max: 2 ** 44 })), { maxLength: 60 });
const digits = fc.constantFrom(2 as const, 3 as const);

function recorded(list: readonly (readonly [number, number])[], keep: 2 | 3 = 3): Histogram {
  const histogram = new Histogram({ digits: keep });
  for (const [value, times] of list) histogram.recordMany(value, times);
  return histogram;
}

function bins(histogram: Histogram): number[][] {
  const found: number[][] = [];
  histogram.forEachBin((...bin) => found.push(bin));
  return found;
}

describe('decodeHdr of encodeHdr', () => {
  it('keeps every bin and count, and the quantiles below the last bin', () => {
    fc.assert(
      fc.property(counted, digits, (list, keep) => {
        const original = recorded(list, keep);
        const back = decodeHdr(encodeHdr(original));
        expect(back.digits).toBe(keep);
        expect(bins(back)).toEqual(bins(original));
        for (const q of [0.5, 0.99]) {
          const before = original.quantile(q);
          if (before < original.max) expect(back.quantile(q)).toBe(before);
        }
        expect(back.max).toBeGreaterThanOrEqual(original.max);
        expect(back.max - original.max).toBeLessThanOrEqual(original.max * 10 ** -keep);
      }),
    );
  });
});

describe('encodeHdr', () => {
  it('is read by the library with its defaults, and agrees on the percentiles', () => {
    const histogram = recorded([
      [900, 500],
      [70_000, 495],
      [2_500_000_000, 5],
    ]);
    const read = decodeFromCompressedBase64(encodeHdr(histogram));
    expect(read.totalCount).toBe(1000);
    for (const q of [0.5, 0.9, 0.995]) {
      expect(read.getValueAtPercentile(q * 100)).toBe(histogram.quantile(q));
    }
  });
});

describe('decodeHdr', () => {
  it('reads other ranges and digits, and counts what is above an hour as overflow', () => {
    const foreign = build({
      bitBucketSize: 64,
      highestTrackableValue: 2 ** 36,
      numberOfSignificantValueDigits: 4,
    });
    foreign.recordValueWithCount(123_456, 10);
    foreign.recordValueWithCount(TOP * 10, 3);
    const text = encodeIntoCompressedBase64(foreign);
    const histogram = decodeHdr(` ${text}\n`);
    expect([histogram.count, histogram.overflow, histogram.digits]).toEqual([13, 3, 3]);
    // The largest value of a bin four wide.
    expect(histogram.min).toBe(123_459);
    expect(decodeHdr(text, 2).digits).toBe(2);
  });

  it('reads a range whose low 32 bits look negative, an hour for one', () => {
    const foreign = build({ bitBucketSize: 64, autoResize: false, highestTrackableValue: TOP });
    foreign.recordValue(TOP - 1);
    const histogram = decodeHdr(encodeIntoCompressedBase64(foreign));
    expect([histogram.count, histogram.overflow, histogram.max]).toEqual([1, 0, TOP]);
  });

  it('throws HdrDecodeError, and nothing else, for text cut or changed anywhere', () => {
    const text = encodeHdr(
      recorded([
        [1000, 3],
        [40_000, 2 ** 40],
        [TOP, 1],
      ]),
    );
    fc.assert(
      fc.property(fc.nat({ max: text.length - 1 }), fc.base64String(), (at, noise) => {
        expectRefusedOrRead(text.slice(0, at));
        expectRefusedOrRead(text.slice(0, at) + noise + text.slice(at + noise.length));
      }),
    );
  });

  it.each([
    ['nothing', '', /not base64/],
    ['other text', '{"p99": 1}', /not base64/],
    ['a few bytes', 'AAAA', /only 3 bytes/],
    ['another format', Buffer.alloc(40).toString('base64'), /cookie 0 where 1c849304 belongs/],
    ['too much text', 'A'.repeat(2 ** 20 + 4), /1048580 characters/],
    ['a bomb', compressed(Buffer.alloc(2 ** 24 + 1)), /zlib says/],
    ['too short a header', compressed(Buffer.alloc(39)), /39 bytes of header/],
    ['another version inside', compressed(Buffer.alloc(40)), /cookie 0 where 1c849303 belongs/],
    ['nine digits', compressed(plain({ digits: 9 })), /9 digits/],
    ['a negative range', compressed(plain({ highest: -5n })), /values from 1 to -5/],
    ['a range of 2^62', compressed(plain({ highest: 2n ** 62n })), /values from 1 to/],
    ['more counts than bytes', compressed(plain({ payloadBytes: 9 })), /9 bytes of counts/],
    ['a length below zero', compressed(plain({ payloadBytes: -1 })), /-1 bytes of counts/],
    ['a count cut off', compressed(plain({ counts: [0x80] })), /cut off at byte 0/],
    // Zigzag of minus 2^47: a run of empty bins that would loop for hours.
    [
      'an endless gap',
      compressed(plain({ counts: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f] })),
      /more than the 3072 bins/,
    ],
    ['too many records', compressed(plain({ counts: Array(9).fill(0xfe) })), /2\^53 records/],
  ])('refuses %s', (_, text, message) => {
    expect(() => decodeHdr(text)).toThrow(HdrDecodeError);
    expect(() => decodeHdr(text)).toThrow(message);
  });
});

describe('toHgrm', () => {
  const histogram = recorded([
    [1000, 90],
    [20_000, 9],
    [1_234_567, 1],
  ]);

  it('prints milliseconds by percentile, and closes with mean, maximum and buckets', () => {
    const lines = toHgrm(histogram).split('\n');
    expect(lines[0]).toBe('       Value     Percentile TotalCount 1/(1-Percentile)');
    const rows = lines
      .filter((line) => /^ +[0-9]/.test(line))
      .map((line) => line.trim().split(/ +/));
    expect(rows[0]).toEqual(['1.000', '0.000000000000', '90', '1.00']);
    expect(rows.at(-1)).toEqual(['1234.943', '1.000000000000', '100']);
    expect(lines.slice(-4)).toEqual([
      '#[Mean    =       15.045, StdDeviation   =      122.674]',
      '#[Max     =     1234.567, Total count    =          100]',
      '#[Buckets =           23, SubBuckets     =         2048]',
      '',
    ]);
  });

  it('divides by the unit asked for, and refuses one that cannot divide', () => {
    expect(toHgrm(histogram, { unitScale: 1 })).toContain('#[Max     =  1234567.000');
    expect(() => toHgrm(histogram, { unitScale: 0 })).toThrow(/unitScale is 0/);
  });
});

function expectRefusedOrRead(text: string): void {
  try {
    decodeHdr(text);
  } catch (error) {
    expect(error).toBeInstanceOf(HdrDecodeError);
  }
}

interface Plain {
  readonly digits?: number;
  readonly highest?: bigint;
  readonly payloadBytes?: number;
  readonly counts?: readonly number[];
}

function plain({ digits: keep = 3, highest = 4000n, payloadBytes, counts = [] }: Plain): Buffer {
  const header = Buffer.alloc(40);
  header.writeInt32BE(0x1c849313, 0);
  header.writeInt32BE(payloadBytes ?? counts.length, 4);
  header.writeInt32BE(keep, 12);
  header.writeBigInt64BE(1n, 16);
  header.writeBigInt64BE(highest, 24);
  return Buffer.concat([header, Buffer.from(counts)]);
}

function compressed(inner: Buffer): string {
  const body = deflateSync(inner);
  const head = Buffer.alloc(8);
  head.writeInt32BE(0x1c849314, 0);
  head.writeInt32BE(body.length, 4);
  return Buffer.concat([head, body]).toString('base64');
}
