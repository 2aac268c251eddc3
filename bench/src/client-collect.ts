// What collecting takes of memory: a million items must need no more than a few thousand do, and an item in flight no more
// than 2 KB. Once without a network, once over sockets to a server in a process of its own. Ends with 1 on a miss.
//
//   npm run build && npx tsx bench/src/client-collect.ts
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Client, collect, mock, type BatchClient } from '@needletail/client';
import { CatalogueServer } from '@needletail/testkit/catalogue-server';
import { Gates } from './accuracy/gates.ts';

const MEGABYTE = 1_048_576;
const IN_FLIGHT = 20_000;
const MOST_BYTES_IN_FLIGHT = 2048;

interface MemorySample {
  readonly items: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function* numbers(count: number): Generator<number> {
  for (let item = 1; item <= count; item += 1) yield item;
}

/** Runs through `count` items and looks at the memory ten times on the way. */
async function sampleMemory(client: Client, url: string, count: number): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  let items = 0;
  const results = collect(client, numbers(count), {
    concurrency: 50,
    request: (id) => `${url}/items/${id}`,
    parse: (response) => response.raiseForStatus().json<{ id: number }>().id,
  });
  for await (const { item, value } of results) {
    if (value !== item) throw new Error(`Item ${item} came back as ${value}.`);
    items += 1;
    if (items % (count / 10) !== 0) continue;
    collectGarbage();
    const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage();
    samples.push({ items, heapBytes, rssBytes });
  }
  return samples;
}

function checkFlat(gates: Gates, name: string, samples: readonly MemorySample[], ms: number): void {
  const [, settled] = samples;
  const last = samples.at(-1)!;
  const heapMb = (last.heapBytes - settled!.heapBytes) / MEGABYTE;
  const rssMb = (last.rssBytes - settled!.rssBytes) / MEGABYTE;
  const microseconds = ((ms * 1000) / last.items).toFixed(1);
  gates.note(
    `${name}: ${last.items} items, ${microseconds} µs each, ${(last.rssBytes / MEGABYTE).toFixed(0)} MB`,
  );
  gates.below(`${name}: heap, rise over the last four fifths, MB`, heapMb, 2);
  gates.below(`${name}: RSS, rise over the last four fifths, MB`, rssMb, 20);
}

/** Heap of `IN_FLIGHT` items that wait for an answer that never comes. */
async function checkInFlight(gates: Gates): Promise<void> {
  // Somebody must hold what nobody will settle, as a transport does, or it is garbage.
  const pending: Promise<never>[] = [];
  const wait = (): Promise<never> => {
    const promise = new Promise<never>(() => undefined);
    pending.push(promise);
    return promise;
  };
  collectGarbage();
  const beforeBytes = process.memoryUsage().heapUsed;
  const results = collect(
    { request: wait, send: wait } satisfies BatchClient<never>,
    numbers(2 * IN_FLIGHT),
    {
      concurrency: IN_FLIGHT,
      request: (id) => `http://catalogue.test/items/${id}`,
    },
  );
  void results.next();
  await new Promise((resolve) => void setTimeout(resolve, 50));
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - beforeBytes) / pending.length;
  gates.equal('items in flight', pending.length, IN_FLIGHT);
  gates.below('bytes of an item in flight', bytes, MOST_BYTES_IN_FLIGHT);
}

async function startServer(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(fileURLToPath(import.meta.url), ['--serve']);
  const [url] = (await once(child, 'message')) as [string];
  return { child, url };
}

async function timed<T>(work: () => Promise<T>): Promise<[result: T, ms: number]> {
  const startedMs = performance.now();
  const result = await work();
  return [result, performance.now() - startedMs];
}

async function run(): Promise<void> {
  const gates = new Gates('What collecting takes of memory');
  const answer = mock(({ path }) => ({ json: { id: Number(path.slice('/items/'.length)) } }), {
    keptCalls: 0,
  });
  const mocked = new Client({ transport: answer });
  const [inMemory, memoryMs] = await timed(() =>
    sampleMemory(mocked, 'http://catalogue.test', 1_000_000),
  );
  checkFlat(gates, 'no network', inMemory, memoryMs);
  await mocked.close();

  const { child, url } = await startServer();
  const client = new Client({});
  try {
    const [overSockets, socketsMs] = await timed(() => sampleMemory(client, url, 100_000));
    checkFlat(gates, 'sockets', overSockets, socketsMs);
  } finally {
    await client.close();
    child.kill();
  }
  await checkInFlight(gates);
  gates.close();
}

if (process.argv.includes('--serve')) {
  const server = await new CatalogueServer().start();
  process.send!(server.url);
} else {
  await run();
}
