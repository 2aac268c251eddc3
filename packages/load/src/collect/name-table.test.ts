import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameTable } from './name-table.ts';

const ENTRY = new URL('../../dist/collect/name-table.js', import.meta.url).href;

/** Each thread interns `names` in an order of its own, all starting at once, and says which indexes it got. */
async function internInThreads(
  buffer: SharedArrayBuffer,
  orders: readonly (readonly string[])[],
): Promise<readonly Record<string, number>[]> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(${JSON.stringify(ENTRY)}).then(({ NameTable }) => {
      const table = new NameTable(workerData.buffer);
      parentPort.postMessage('ready');
      Atomics.wait(workerData.gate, 0, 0);
      const got = {};
      for (const name of workerData.names) got[name] = table.intern(name);
      parentPort.postMessage(got);
    });`;
  const workers = orders.map(
    (names) => new Worker(code, { eval: true, execArgv: [], workerData: { buffer, gate, names } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const results = workers.map(async (worker) => {
    const [got] = (await once(worker, 'message')) as [Record<string, number>];
    return got;
  });
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  const got = await Promise.all(results);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return got;
}

function table(capacity: number, maxNameBytes?: number): NameTable {
  return new NameTable(NameTable.createShared(capacity, maxNameBytes));
}

describe('NameTable.intern', () => {
  it('numbers names in the order of their first use and knows them again', () => {
    const names = table(3);
    expect(['a', 'b', 'a', 'c', 'b'].map((name) => names.intern(name))).toEqual([0, 1, 0, 2, 1]);
    expect(names.names()).toEqual(['a', 'b', 'c']);
    expect(names.count).toBe(3);
  });

  it('gives -1 for new names once it is full, and still knows the old ones', () => {
    const names = table(1);
    expect(names.intern('a')).toBe(0);
    expect(names.isFull).toBe(true);
    expect([names.intern('b'), names.intern('a')]).toEqual([-1, 0]);
  });

  it('is the same table for all who open its memory', () => {
    const buffer = NameTable.createShared(5);
    const [one, other] = [new NameTable(buffer), new NameTable(buffer)];
    one.intern('a');
    expect([other.intern('b'), one.intern('b'), other.intern('a')]).toEqual([1, 1, 0]);
  });

  it('cuts a name that is too long between characters', () => {
    const names = table(4, 8);
    names.intern('ääääää');
    names.intern('12345678');
    names.intern('123456789');
    expect(names.names()).toEqual(['ää…', '12345678', '12345…']);
    expect(names.intern('ääääää')).toBe(0);
  });

  it('reads back every name that fits as it was given', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 20 }),
        (given) => {
          const buffer = NameTable.createShared(20, 800);
          const writer = new NameTable(buffer);
          const indexes = given.map((name) => writer.intern(name));
          expect(indexes).toEqual(given.map((_, index) => index));
          expect(new NameTable(buffer).names()).toEqual(given);
        },
      ),
    );
  });

  // Threads that begin far apart contend for every place; several rounds, as a race shows in one of a few only.
  it.each([1, 2, 3])(
    'gives four threads that intern at once the same indexes, round %d',
    async () => {
      const names = Array.from({ length: 4000 }, (_, index) => `GET /${index}`);
      const buffer = NameTable.createShared(3500);
      const rotated = (by: number): string[] => [...names.slice(by), ...names.slice(0, by)];
      const orders = [names, rotated(1000), rotated(2000), names.toReversed()];
      const got = await internInThreads(buffer, orders);
      const kept = new NameTable(buffer).names();
      expect(kept).toHaveLength(3500);
      const places = new Map(kept.map((name, place) => [name, place]));
      expect(places.size).toBe(3500);
      for (const indexes of got) {
        expect(names.filter((name) => indexes[name] !== (places.get(name) ?? -1))).toEqual([]);
      }
    },
  );

  it('goes on after a thread that ended in the middle of writing a name', () => {
    const buffer = NameTable.createShared(3);
    const names = new NameTable(buffer);
    names.intern('a');
    // What a thread terminated between its claim and its name leaves behind: a claim at place 1.
    new Int32Array(buffer, 16)[1] = -99;
    expect(names.count).toBe(1);
    expect(names.intern('b')).toBe(2);
    expect(names.names()).toEqual(['a', '', 'b']);
    expect(new NameTable(buffer).intern('')).toBe(-1);
  });
});
