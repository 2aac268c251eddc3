import { mkdtemp, readFile, rm, writeFile, appendFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AbortedError, InvalidRequestError, ReadError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import type { BatchClient } from './batch-client.ts';
import type { CollectProgress } from './collect-progress.ts';
import { collect, type Collected } from './collect.ts';

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Answers `/<n>` with n after a turn of the loop, or on `clock` after what `serviceMs` says. */
class NumberClient implements BatchClient<Answer> {
  readonly started: string[] = [];
  active = 0;
  peak = 0;
  aborted = 0;
  /** How many of the first requests for a path fail. */
  failures = new Map<string, number>();
  clock: FakeClock | null = null;
  capacity = Infinity;
  serviceMs = 10;
  #busyUntil: number[] = [];

  async request(_: string, url: string, options: RequestOptions = {}): Promise<Answer> {
    this.started.push(url);
    this.active += 1;
    this.peak = Math.max(this.peak, this.active);
    try {
      if (url === '/hang') await this.#hang(options.signal!);
      else await this.#serve();
    } finally {
      this.active -= 1;
    }
    const left = this.failures.get(url) ?? 0;
    if (left > 0) {
      this.failures.set(url, left - 1);
      throw reset();
    }
    return { status: 200, text: url.slice(1) };
  }

  send(): Promise<Answer> {
    return Promise.resolve({ status: 200, text: 'built' });
  }

  /** First come, first served, by `capacity` workers. */
  #serve(): Promise<void> {
    const { clock } = this;
    if (clock === null) return new Promise((resolve) => void setImmediate(resolve));
    this.#busyUntil = this.#busyUntil.filter((untilMs) => untilMs > clock.now());
    const ahead = this.#busyUntil.toSorted((left, right) => left - right);
    const startMs =
      ahead.length < this.capacity ? clock.now() : ahead[ahead.length - this.capacity]!;
    const endMs = startMs + this.serviceMs;
    this.#busyUntil.push(endMs);
    return new Promise((resolve) => void clock.setTimer(endMs - clock.now(), resolve));
  }

  #hang(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      const onAbort = (): void => {
        this.aborted += 1;
        reject(AbortedError.of(signal));
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort);
    });
  }
}

function reset(): ReadError {
  return new ReadError({
    code: 'RESET',
    phase: 'head',
    problem: 'Broken',
    reason: 'on purpose',
    remedy: 'None',
  });
}

function* numbers(count: number): Generator<number> {
  for (let index = 0; index < count; index += 1) yield index;
}

const request = (item: number): string => `/${item}`;
const parse = (answer: Answer): number => Number(answer.text);

async function all<Item, Value>(
  results: AsyncIterable<Collected<Item, Value>>,
): Promise<Collected<Item, Value>[]> {
  const collected: Collected<Item, Value>[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}

/** Lets promises settle, then jumps to the next timer, until `results` has ended. */
async function runOn(clock: FakeClock, ended: Promise<unknown>): Promise<void> {
  let isEnded = false;
  void ended.then(() => (isEnded = true));
  while (!isEnded) {
    await new Promise((resolve) => void setImmediate(resolve));
    if (clock.nextDueAt !== undefined) clock.advance(clock.nextDueAt - clock.now());
  }
}

describe('collect', () => {
  it('yields every item with its value', async () => {
    const results = await all(collect(new NumberClient(), numbers(50), { request, parse }));
    const values = results.map(({ value }) => value).toSorted((a, b) => a! - b!);
    expect(values).toEqual([...numbers(50)]);
    for (const { index, item, value } of results) expect([index, value]).toEqual([item, item]);
  });

  it('yields nothing for nothing', async () => {
    expect(await all(collect(new NumberClient(), []))).toEqual([]);
  });

  it('takes items that are requests themselves, and yields responses unless it is to parse', async () => {
    const results = await all(collect(new NumberClient(), ['/7', { url: '/8' }]));
    expect(results.map(({ value }) => value?.text)).toEqual(['7', '8']);
  });

  it('keeps as many in flight as concurrency says, and no more', async () => {
    const client = new NumberClient();
    await all(collect(client, numbers(100), { request, concurrency: 7 }));
    expect(client.peak).toBe(7);
  });

  it('loses one item to one failure', async () => {
    const client = new NumberClient();
    client.failures.set('/3', 1);
    const results = await all(collect(client, numbers(6), { request, parse }));
    const failed = results.filter(({ error }) => error !== undefined);
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ index: 3, item: 3, error: { code: 'RESET' } });
    expect(results).toHaveLength(6);
  });

  it.each(['request', 'parse'] as const)(
    'makes what %s throws the error of the item',
    async (name) => {
      const broken = {
        request,
        parse,
        [name]: () => {
          throw new RangeError('mine');
        },
      };
      const results = await all(collect(new NumberClient(), numbers(2), broken));
      expect(results.map(({ error }) => error?.message)).toEqual(['mine', 'mine']);
    },
  );

  it('yields in the order of the items when ordered', async () => {
    const client = new NumberClient();
    client.clock = new FakeClock();
    const slowFirst = (item: number): Promise<string> =>
      new Promise(
        (resolve) => void client.clock!.setTimer(100 - item * 10, () => resolve(`/${item}`)),
      );
    const results = all(
      collect(client, numbers(9), { request: slowFirst, ordered: true, clock: client.clock }),
    );
    await runOn(client.clock, results);
    expect((await results).map(({ index }) => index)).toEqual([...numbers(9)]);
    expect(client.started[0]).toBe('/8');
  });

  it('reads items only as it needs them, and waits for a slow consumer', async () => {
    let taken = 0;
    function* endless(): Generator<number> {
      for (;;) {
        taken += 1;
        yield taken;
      }
    }
    const results = collect(new NumberClient(), endless(), { request, concurrency: 4 });
    await results.next();
    for (let turn = 0; turn < 50; turn += 1)
      await new Promise((resolve) => void setImmediate(resolve));
    expect(taken).toBeLessThanOrEqual(9);
    await results.return();
  });

  it('reads asynchronous items', async () => {
    async function* source(): AsyncGenerator<number> {
      for (const item of numbers(20)) {
        await new Promise((resolve) => void setImmediate(resolve));
        yield item;
      }
    }
    const results = await all(collect(new NumberClient(), source(), { request, parse }));
    expect(results).toHaveLength(20);
  });

  it('throws what the items throw, after cancelling what is in flight', async () => {
    const client = new NumberClient();
    function* source(): Generator<string> {
      yield '/hang';
      throw new RangeError('no more');
    }
    await expect(all(collect(client, source()))).rejects.toThrow('no more');
    expect(client.aborted).toBe(1);
  });

  it('cancels what is in flight and closes the items when the loop is left', async () => {
    const client = new NumberClient();
    let isClosed = false;
    function* source(): Generator<string> {
      try {
        yield '/1';
        for (;;) yield '/hang';
      } finally {
        isClosed = true;
      }
    }
    for await (const { item } of collect(client, source(), { concurrency: 5 })) {
      expect(item).toBe('/1');
      break;
    }
    expect(client.aborted).toBeGreaterThan(0);
    expect(client.active).toBe(0);
    expect(isClosed).toBe(true);
  });

  it('throws AbortedError when its signal aborts, and leaves nothing in flight', async () => {
    const client = new NumberClient();
    const controller = new AbortController();
    const results = all(collect(client, ['/hang', '/hang'], { signal: controller.signal }));
    setImmediate(() => controller.abort());
    await expect(results).rejects.toBeInstanceOf(AbortedError);
    expect(client.active).toBe(0);
    expect(client.aborted).toBe(2);
  });

  it('tries an item again as often as it may, with pauses that double', async () => {
    const client = new NumberClient();
    const clock = new FakeClock();
    client.clock = clock;
    client.failures.set('/0', 2);
    client.failures.set('/1', 3);
    const retry = { attempts: 2, backoffMs: 1000 };
    const results = all(collect(client, numbers(2), { request, parse, retry, clock }));
    await runOn(clock, results);
    const [first, second] = (await results).toSorted((a, b) => a.index - b.index);
    expect(first).toEqual({ index: 0, item: 0, value: 0 });
    expect(second!.error).toBeInstanceOf(ReadError);
    expect(client.started.filter((url) => url === '/1')).toHaveLength(3);
    // Pauses of 1000 and 2000 ms, each between half and one and a half of itself.
    expect(clock.now()).toBeGreaterThanOrEqual(1500);
    expect(clock.now()).toBeLessThanOrEqual(4530);
  });

  it('does not repeat a call that is wrong in itself, nor what shouldRetry declines', async () => {
    const client = new NumberClient();
    const wrong = (): never => {
      throw new InvalidRequestError({
        code: 'INVALID_OPTION',
        phase: 'build',
        problem: 'Wrong',
        reason: 'on purpose',
        remedy: 'None',
      });
    };
    await all(collect(client, numbers(1), { request, parse: wrong, retry: { attempts: 5 } }));
    expect(client.started).toHaveLength(1);
    client.failures.set('/0', 9);
    const retry = { attempts: 5, shouldRetry: () => false };
    await all(collect(client, numbers(1), { request, retry }));
    expect(client.started).toHaveLength(2);
  });

  it('spaces starts evenly at the rate', async () => {
    const client = new NumberClient();
    const clock = new FakeClock();
    client.clock = clock;
    const startsMs: number[] = [];
    const timed = (item: number): string => {
      startsMs.push(clock.now());
      return `/${item}`;
    };
    const results = all(collect(client, numbers(11), { request: timed, rate: 20, clock }));
    await runOn(clock, results);
    expect(startsMs).toEqual(Array.from({ length: 11 }, (_, index) => index * 50));
  });

  it('finds the concurrency that the target can use', async () => {
    const client = new NumberClient();
    const clock = new FakeClock();
    client.clock = clock;
    client.capacity = 12;
    const limits: number[] = [];
    const results = all(
      collect(client, numbers(12_000), {
        request,
        concurrency: 'auto',
        clock,
        onProgress: ({ concurrency }) => limits.push(concurrency),
      }),
    );
    await runOn(clock, results);
    const settled = limits.slice(limits.length / 2);
    const mean = settled.reduce((sum, limit) => sum + limit) / settled.length;
    expect(mean).toBeGreaterThanOrEqual(12 * 0.7);
    expect(mean).toBeLessThanOrEqual(12 * 1.3);
  });

  it('reports four times a second at most, and once at the end', async () => {
    const client = new NumberClient();
    const clock = new FakeClock();
    client.clock = clock;
    client.failures.set('/5', 1);
    const seen: CollectProgress[] = [];
    const results = all(
      collect(client, numbers(100), {
        request,
        concurrency: 1,
        clock,
        onProgress: (progress) => seen.push(progress),
      }),
    );
    await runOn(clock, results);
    expect(seen).toHaveLength(5);
    expect(seen[0]).toEqual({
      done: 24,
      failed: 1,
      skipped: 0,
      active: 0,
      rate: 100,
      concurrency: 1,
      elapsedMs: 250,
    });
    expect(seen.at(-1)).toMatchObject({ done: 99, failed: 1, active: 0, elapsedMs: 1000 });
  });

  it.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { rate: 0 },
    { rate: -1 },
    { retry: { attempts: -1 } },
  ])('refuses %j before anything is sent', (options) => {
    expect(() => collect(new NumberClient(), [], options)).toThrow(InvalidRequestError);
  });
});

describe('collect with a checkpoint', () => {
  let folder: string;
  let checkpoint: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'needletail-collect-'));
    checkpoint = join(folder, 'done.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('does what is left, and nothing twice', async () => {
    const first = new NumberClient();
    let taken = 0;
    for await (const result of collect(first, numbers(10), {
      request,
      checkpoint,
      concurrency: 1,
    })) {
      taken += 1;
      if (result.index === 4) break;
    }
    const second = new NumberClient();
    const results = await all(collect(second, numbers(10), { request, parse, checkpoint }));
    expect(taken).toBe(5);
    // Item 4 was in the loop when it was left: whether its work was done, nobody knows.
    expect(results.map(({ item }) => item).toSorted((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(await all(collect(second, numbers(10), { request, checkpoint }))).toEqual([]);
  });

  it('does failed items again', async () => {
    const client = new NumberClient();
    client.failures.set('/1', 1);
    await all(collect(client, numbers(3), { request, checkpoint }));
    const again = await all(collect(client, numbers(3), { request, parse, checkpoint }));
    expect(again).toEqual([{ index: 1, item: 1, value: 1 }]);
  });

  it('knows items by their key where they have one', async () => {
    const options = {
      request: ({ id }: { id: string }) => `/${id}`,
      checkpoint,
      key: ({ id }: { id: string }) => id,
    };
    await all(collect(new NumberClient(), [{ id: 'a' }, { id: 'b' }], options));
    const results = await all(
      collect(new NumberClient(), [{ id: 'c' }, { id: 'b' }, { id: 'a' }], options),
    );
    expect(results.map(({ item }) => item.id)).toEqual(['c']);
    expect(await readFile(checkpoint, 'utf8')).toBe(
      '{"checkpoint":"needletail/1"}\n"a"\n"b"\n"c"\n',
    );
  });

  it('cuts off the line that a crash has torn, and does its item again', async () => {
    await all(collect(new NumberClient(), numbers(3), { request, checkpoint, concurrency: 1 }));
    await appendFile(checkpoint, '1');
    const results = await all(
      collect(new NumberClient(), numbers(12), { request, parse, checkpoint }),
    );
    expect(results.map(({ item }) => item)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('counts the skipped in its progress', async () => {
    await all(collect(new NumberClient(), numbers(4), { request, checkpoint }));
    let last: CollectProgress | undefined;
    const onProgress = (progress: CollectProgress): void => void (last = progress);
    await all(collect(new NumberClient(), numbers(6), { request, checkpoint, onProgress }));
    expect(last).toMatchObject({ done: 2, skipped: 4 });
  });

  it('refuses a file that is none of its own, and leaves it as it is', async () => {
    await writeFile(checkpoint, 'dear diary\n');
    const results = all(collect(new NumberClient(), numbers(3), { request, checkpoint }));
    await expect(results).rejects.toMatchObject({ code: 'NOT_A_CHECKPOINT' });
    expect(await readFile(checkpoint, 'utf8')).toBe('dear diary\n');
  });
});
