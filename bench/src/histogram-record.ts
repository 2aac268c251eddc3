/*
 * What one record costs: ours against hdr-histogram-js (JavaScript and WASM) and node:perf_hooks, on the same values.
 *
 *   npx tsx --conditions=@needletail/source bench/src/histogram-record.ts
 *   bun --conditions=@needletail/source bench/src/histogram-record.ts
 *
 * The rivals must agree on p50 and p99 before they are timed. Rounds alternate over the rivals, each round in another
 * order; the median of the rounds is printed with the fastest and slowest.
 */
import { createHistogram } from 'node:perf_hooks';
import { build, initWebAssemblySync } from 'hdr-histogram-js';
import { Histogram, Rng, quantile, quantileByRank } from '@needletail/stats';

const VALUES = 2_000_000;
const ROUNDS = 9;
const TOP_MICROS = 3_600_000_000;

interface Rival {
  readonly name: string;
  readonly recordAll: (values: Float64Array) => void;
  /** In microseconds, `q` from 0 to 1. */
  readonly quantile: (q: number) => number;
}

/** Every rival has a loop of its own, so that none pays for another's inline cache. */
function createRivals(): Rival[] {
  initWebAssemblySync();
  const ours = new Histogram();
  const ourPlain = new Histogram({ buffer: new ArrayBuffer(Histogram.sizeBytes()) });
  const request = {
    bitBucketSize: 64,
    autoResize: false,
    highestTrackableValue: TOP_MICROS,
  } as const;
  const hdr = build(request);
  const wasm = build({ ...request, useWebAssembly: true });
  const perf = createHistogram({ lowest: 1, highest: TOP_MICROS, figures: 3 });
  return [
    {
      name: 'needletail, shared memory',
      recordAll: (values) => {
        for (let index = 0; index < values.length; index += 1) ours.record(values[index]);
      },
      quantile: (q) => ours.quantile(q),
    },
    {
      name: 'needletail, ArrayBuffer',
      recordAll: (values) => {
        for (let index = 0; index < values.length; index += 1) ourPlain.record(values[index]);
      },
      quantile: (q) => ourPlain.quantile(q),
    },
    {
      name: 'hdr-histogram-js, WASM',
      recordAll: (values) => {
        for (let index = 0; index < values.length; index += 1) wasm.recordValue(values[index]);
      },
      quantile: (q) => wasm.getValueAtPercentile(q * 100),
    },
    {
      name: 'hdr-histogram-js, JavaScript',
      recordAll: (values) => {
        for (let index = 0; index < values.length; index += 1) hdr.recordValue(values[index]);
      },
      quantile: (q) => hdr.getValueAtPercentile(q * 100),
    },
    {
      name: 'perf_hooks.createHistogram',
      recordAll: (values) => {
        for (let index = 0; index < values.length; index += 1) perf.record(values[index]);
      },
      quantile: (q) => perf.percentile(q * 100),
    },
  ];
}

/** Whole microseconds from 1 to an hour, even on a logarithmic scale: every row of bins is hit alike. */
function spreadValues(): Float64Array {
  const rng = new Rng(1);
  return Float64Array.from({ length: VALUES }, () => Math.floor(TOP_MICROS ** rng.next()));
}

/** Throws when a rival is further from the exact quantile than three digits allow. */
function requireAgreement(rivals: readonly Rival[], values: Float64Array): void {
  for (const q of [0.5, 0.99]) {
    const exact = quantileByRank(values, q);
    for (const rival of rivals) {
      const found = rival.quantile(q);
      if (Math.abs(found - exact) <= exact / 1000) continue;
      throw new Error(
        `Rivals disagree: ${rival.name} has ${found} for q=${q}, exact is ${exact} (in histogram-record). Mend the bench before reading its times.`,
      );
    }
  }
}

function nanosPerRecord(rival: Rival, values: Float64Array): number {
  const startMs = performance.now();
  rival.recordAll(values);
  return ((performance.now() - startMs) * 1e6) / values.length;
}

const values = spreadValues();
const rivals = createRivals();
for (const rival of rivals) rival.recordAll(values);
requireAgreement(rivals, values);

const nanos = new Map<Rival, number[]>(rivals.map((rival) => [rival, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (let turn = 0; turn < rivals.length; turn += 1) {
    const rival = rivals[(turn + round) % rivals.length];
    nanos.get(rival)?.push(nanosPerRecord(rival, values));
  }
}

const runtime = process.versions.bun
  ? `Bun ${process.versions.bun}`
  : `Node ${process.versions.node}`;
const [ours] = rivals;
const ourMedian = quantile(nanos.get(ours) ?? [], 0.5);
process.stdout.write(
  `${runtime}, ${VALUES} values from 1 us to 1 h, ${ROUNDS} rounds; agree on p50 and p99\n\n` +
    `| ns per record | median | fastest | slowest | ratio |\n|---|---:|---:|---:|---:|\n`,
);
for (const [rival, rounds] of nanos) {
  const cells = [0.5, 0, 1].map((q) => quantile(rounds, q));
  const ratio = cells[0] / ourMedian;
  process.stdout.write(
    `| ${rival.name} | ${cells.map((n) => n.toFixed(1)).join(' | ')} | ${ratio.toFixed(1)} |\n`,
  );
}
