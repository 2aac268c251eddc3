/*
 * Which cells should a histogram count in? Three layouts of the same record, kept to be asked again:
 * float64 (what Histogram does), uint32 with a uint16 carry, and 64-bit integers through Atomics.
 *
 *   npx tsx --conditions=@needletail/source bench/src/histogram-storage.ts
 *   bun --conditions=@needletail/source bench/src/histogram-storage.ts
 *
 * All must hold the same counts before they are timed. Two loads: every bin alike, and a service of about 1 ms.
 */
import { Rng, quantile } from '@needletail/stats';

const VALUES = 1_000_000;
const ROUNDS = 9;
const TOP_MICROS = 3_600_000_000;
const HALF_BITS = 10;
const HALF = 1 << HALF_BITS;
const BINS = 23 * HALF;
const CARRY = 2 ** 32;

interface Layout {
  readonly name: string;
  readonly bytesPerBin: number;
  readonly recordAll: (values: Float64Array) => void;
  readonly countAt: (bin: number) => number;
}

function float64Cells(): Layout {
  const cells = new Float64Array(new SharedArrayBuffer(BINS * 8));
  const record = (micros: number): void => {
    const value = micros >>> 0;
    const shift = 31 - HALF_BITS - Math.clz32(value | HALF);
    cells[(shift << HALF_BITS) + (value >>> shift)] += 1;
  };
  return {
    name: 'float64',
    bytesPerBin: 8,
    recordAll: (values) => {
      for (let index = 0; index < values.length; index += 1) record(values[index]);
    },
    countAt: (bin) => cells[bin],
  };
}

function carryingCells(): Layout {
  const low = new Uint32Array(new SharedArrayBuffer(BINS * 4));
  const high = new Uint16Array(new SharedArrayBuffer(BINS * 2));
  const record = (micros: number): void => {
    const value = micros >>> 0;
    const shift = 31 - HALF_BITS - Math.clz32(value | HALF);
    const bin = (shift << HALF_BITS) + (value >>> shift);
    const counted = (low[bin] + 1) | 0;
    low[bin] = counted;
    if (counted === 0) high[bin] += 1;
  };
  return {
    name: 'uint32 + uint16 carry',
    bytesPerBin: 6,
    recordAll: (values) => {
      for (let index = 0; index < values.length; index += 1) record(values[index]);
    },
    countAt: (bin) => low[bin] + high[bin] * CARRY,
  };
}

function atomicCells(): Layout {
  const cells = new BigInt64Array(new SharedArrayBuffer(BINS * 8));
  const record = (micros: number): void => {
    const value = micros >>> 0;
    const shift = 31 - HALF_BITS - Math.clz32(value | HALF);
    Atomics.add(cells, (shift << HALF_BITS) + (value >>> shift), 1n);
  };
  return {
    name: 'int64, Atomics.add',
    bytesPerBin: 8,
    recordAll: (values) => {
      for (let index = 0; index < values.length; index += 1) record(values[index]);
    },
    countAt: (bin) => Number(cells[bin]),
  };
}

function requireSameCounts(layouts: readonly Layout[], total: number): void {
  for (const layout of layouts) {
    let sum = 0;
    for (let bin = 0; bin < BINS; bin += 1) {
      sum += layout.countAt(bin);
      if (layout.countAt(bin) === layouts[0].countAt(bin)) continue;
      throw new Error(
        `Layouts disagree: ${layout.name} at bin ${bin} (in histogram-storage). Mend the bench before reading its times.`,
      );
    }
    if (sum !== total) {
      throw new Error(
        `Records are missing: ${layout.name} holds ${sum} of ${total} (in histogram-storage). Mend the bench before reading its times.`,
      );
    }
  }
}

function measure(load: string, values: Float64Array): void {
  const layouts = [float64Cells(), carryingCells(), atomicCells()];
  for (const layout of layouts) layout.recordAll(values);
  requireSameCounts(layouts, values.length);
  const nanos = layouts.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < layouts.length; turn += 1) {
      const at = (turn + round) % layouts.length;
      const startMs = performance.now();
      layouts[at].recordAll(values);
      nanos[at].push(((performance.now() - startMs) * 1e6) / values.length);
    }
  }
  for (const [at, { name, bytesPerBin }] of layouts.entries()) {
    const cells = [0.5, 0, 1].map((q) => quantile(nanos[at], q).toFixed(1)).join(' | ');
    process.stdout.write(`| ${load} | ${name} | ${bytesPerBin} | ${cells} |\n`);
  }
}

const rng = new Rng(1);
const runtime = process.versions.bun
  ? `Bun ${process.versions.bun}`
  : `Node ${process.versions.node}`;
process.stdout.write(
  `${runtime}, ${VALUES} values, ${ROUNDS} rounds, ns per record\n\n` +
    '| load | cells | bytes per bin | median | fastest | slowest |\n|---|---|---:|---:|---:|---:|\n',
);
measure(
  'every bin alike',
  Float64Array.from({ length: VALUES }, () => Math.floor(TOP_MICROS ** rng.next())),
);
measure(
  'about 1 ms',
  Float64Array.from({ length: VALUES }, () => 300 + rng.exponential(1 / 700)),
);
