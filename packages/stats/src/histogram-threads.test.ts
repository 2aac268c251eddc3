import { once } from 'node:events';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';

const BATCH = 20_000;
const BATCHES = 50;
const TURN = 0;

/** Records `BATCHES` batches into the shared buffer; when `gated` it waits for its turn after each. */
const WRITER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { buffer, turn, gated, loaderUrl, url } = workerData;
  (async () => {
    (await import(loaderUrl)).register();
    const { Histogram } = await import(url);
    const histogram = new Histogram({ buffer });
    parentPort.postMessage('ready');
    for (let batch = 1; batch <= ${BATCHES}; batch += 1) {
      for (let index = 0; index < ${BATCH}; index += 1) histogram.record(batch * 1000 + (index % 7));
      if (!gated) continue;
      Atomics.store(turn, ${TURN}, batch * 2 - 1);
      Atomics.notify(turn, ${TURN});
      Atomics.wait(turn, ${TURN}, batch * 2 - 1);
    }
  })();
`;

let stop: (() => Promise<number>) | undefined;

afterEach(async () => {
  await stop?.();
  stop = undefined;
});

async function startWriter(
  histogram: Histogram,
  turn: Int32Array,
  gated: boolean,
): Promise<Worker> {
  const url = new URL('histogram.ts', import.meta.url).href;
  const loaderUrl = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href;
  const workerData = { buffer: histogram.buffer, turn, gated, loaderUrl, url };
  const worker = new Worker(WRITER, { eval: true, workerData });
  stop = () => worker.terminate();
  await once(worker, 'message');
  return worker;
}

function sharedTurn(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

describe('Histogram in a buffer that a worker thread writes', () => {
  it('shows every record made before the writer signalled, without a message', async () => {
    const histogram = new Histogram();
    const turn = sharedTurn();
    await startWriter(histogram, turn, true);
    for (let batch = 1; batch <= BATCHES; batch += 1) {
      const woken = Atomics.wait(turn, TURN, (batch - 1) * 2, 10_000);
      expect(woken).not.toBe('timed-out');
      expect(histogram.count).toBe(batch * BATCH);
      expect([histogram.min, histogram.max]).toEqual([1000, batch * 1000 + 6]);
      Atomics.store(turn, TURN, batch * 2);
      Atomics.notify(turn, TURN);
    }
  });

  it('never shows a record that was not made, nor takes one back, while the writer runs free', async () => {
    const histogram = new Histogram();
    const writer = await startWriter(histogram, sharedTurn(), false);
    let hasExited = false;
    const exited = once(writer, 'exit').then(() => (hasExited = true));
    const earlier = new Histogram();
    const later = new Histogram();
    const interval = new Histogram();
    let sum = 0;
    for (let isLastLook = false; !isLastLook;) {
      isLastLook = hasExited;
      later.copyFrom(histogram);
      interval.copyFrom(later);
      // Throws if any bin has shrunk since the last look.
      interval.subtract(earlier);
      sum += interval.count;
      expect(later.count).toBe(sum);
      expect(later.quantile(0.5)).toBeLessThanOrEqual(later.max);
      earlier.copyFrom(later);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await exited;
    expect(sum).toBe(BATCH * BATCHES);
    expect(histogram.countBetween(1000, 1006)).toBe(BATCH);
  });
});
