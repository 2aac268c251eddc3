/*
 * Records 10^9 values into one histogram and fails if a single one is missing or memory has grown with them.
 *
 *   npx tsx --conditions=@needletail/source bench/src/histogram-soak.ts [records]
 */
import { Histogram } from '@needletail/stats';

const records = Number(process.argv[2] ?? 1e9);
const WARM_UP = 10_000_000;
/** Room for the collector's own coming and going; 10^9 records of one bit each would be 119 MiB. */
const ALLOWED_GROWTH_BYTES = 16 * 2 ** 20;

if (!Number.isSafeInteger(records) || records < WARM_UP) {
  throw new RangeError(
    `Bad argument: ${process.argv[2]} records (in histogram-soak). Give a whole number from ${WARM_UP}.`,
  );
}

/** Steps through 1 to 2^32-1 in a fixed order, past the hour too, so that every row and `overflow` are hit. */
function recordRun(histogram: Histogram, from: number, to: number): number {
  let beyond = 0;
  for (let index = from; index < to; index += 1) {
    // Golden-ratio steps spread the leading bits; the shift spreads them over the rows.
    const value = (Math.imul(index, 0x9e3779b1) >>> 0) >>> (index & 31);
    if (value > 3_600_000_000) beyond += 1;
    histogram.record(value);
  }
  return beyond;
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const histogram = new Histogram();
let beyond = recordRun(histogram, 0, WARM_UP);
const before = process.memoryUsage();
const startMs = performance.now();
beyond += recordRun(histogram, WARM_UP, records);
const elapsedMs = performance.now() - startMs;
const after = process.memoryUsage();
const grownBytes = after.rss - before.rss;

process.stdout.write(
  `${records} records, ${((elapsedMs * 1e6) / (records - WARM_UP)).toFixed(1)} ns each\n` +
    `count ${histogram.count}, overflow ${histogram.overflow}\n` +
    `RSS ${mebibytes(before.rss)} after ${WARM_UP}, ${mebibytes(after.rss)} at the end; ` +
    `heap ${mebibytes(before.heapUsed)}, ${mebibytes(after.heapUsed)}\n`,
);
if (histogram.count !== records || histogram.overflow !== beyond) {
  throw new Error(
    `Records are missing: ${histogram.count} of ${records}, overflow ${histogram.overflow} of ${beyond} (in histogram-soak). The histogram is at fault.`,
  );
}
if (grownBytes > ALLOWED_GROWTH_BYTES) {
  throw new Error(
    `Memory grows with records: ${mebibytes(grownBytes)} more (in histogram-soak). Look for an allocation in record.`,
  );
}
