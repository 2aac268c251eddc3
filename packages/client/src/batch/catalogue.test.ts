import {
  CatalogueServer,
  itemNumber,
  type CatalogueItem,
} from '@needletail/testkit/catalogue-server';
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from '../client.ts';
import type { ClientOptions } from '../model/client-options.ts';
import type { ClientResponse } from '../model/client-response.ts';

const parse = (response: ClientResponse): CatalogueItem => response.raiseForStatus().json();

function* ids(count: number): Generator<number> {
  for (let id = 1; id <= count; id += 1) yield id;
}

describe('batches over sockets', () => {
  const open: { close(): Promise<void> }[] = [];
  const start = async (
    server: CatalogueServer,
    options: ClientOptions = {},
  ): Promise<[CatalogueServer, Client]> => {
    await server.start();
    const client = new Client({ baseUrl: server.url, trustEnv: false, ...options });
    open.push(client, server);
    return [server, client];
  };
  afterEach(async () => {
    for (const opened of open.splice(0)) await opened.close();
  });

  it('collects every item, and loses those that fail and no others', async () => {
    const [server, client] = await start(new CatalogueServer({ failEvery: 10 }));
    const request = (id: number): string => `/items/${id}`;
    const values = new Map<number, CatalogueItem>();
    let failed = 0;
    for await (const { item, value, error } of client.collect(ids(500), { request, parse })) {
      if (error === undefined) values.set(item, value);
      else failed += 1;
    }
    expect([values.size, failed, server.requests]).toEqual([450, 50, 500]);
    for (const [id, item] of values) expect(item).toEqual(itemNumber(id));
    expect(server.peak).toBeLessThanOrEqual(10);
  });

  it('loses none when it may try again', async () => {
    const [, client] = await start(new CatalogueServer({ failEvery: 3 }));
    const request = (id: number): string => `/items/${id}`;
    const retry = { attempts: 12, backoffMs: 1 };
    let done = 0;
    for await (const { error } of client.collect(ids(200), { request, parse, retry })) {
      expect(error).toBeUndefined();
      done += 1;
    }
    expect(done).toBe(200);
  });

  it('is turned away far less often than a fixed number above what the server takes', async () => {
    const parts: number[] = [];
    for (const concurrency of [24, 'auto'] as const) {
      const [server, client] = await start(new CatalogueServer({ serviceMs: 2, refusesAbove: 12 }));
      const request = (id: number): string => `/items/${id}`;
      const retry = { attempts: 50, backoffMs: 1, maxBackoffMs: 20 };
      const options = { request, parse, retry, concurrency };
      let done = 0;
      for await (const { error } of client.collect(ids(1500), options)) {
        if (error === undefined) done += 1;
      }
      expect(done).toBe(1500);
      parts.push(server.refused / server.requests);
    }
    const [fixed = 0, found = 1] = parts;
    expect(fixed).toBeGreaterThan(0);
    expect(found).toBeLessThan(fixed / 2);
  });

  it('finds about as many at once as the server can serve', async () => {
    const [, client] = await start(new CatalogueServer({ serviceMs: 10, capacity: 8 }));
    const limits: number[] = [];
    const options = {
      request: (id: number) => `/items/${id}`,
      concurrency: 'auto',
      onProgress: ({ concurrency }: { concurrency: number }) => limits.push(concurrency),
    } as const;
    for await (const { error } of client.collect(ids(2000), options)) expect(error).toBeUndefined();
    const settled = limits.slice(Math.ceil(limits.length / 2));
    const mean = settled.reduce((sum, limit) => sum + limit, 0) / settled.length;
    // Far wider than on a simulated clock (concurrency-search.test.ts): other processes take part here. 1 and 256 are
    // where the search may go.
    expect(mean).toBeGreaterThanOrEqual(2.5);
    expect(mean).toBeLessThanOrEqual(20);
  });

  it.each([{ next: 'link' }, { next: { json: 'next' } }] as const)(
    'follows pages by %j',
    async (options) => {
      const [server, client] = await start(new CatalogueServer({ items: 25 }));
      const pages = client.paginate<CatalogueItem>('GET', '/items', {
        ...options,
        records: 'items',
      });
      const items = await pages.collect();
      expect(items.map(({ id }) => id)).toEqual([...ids(25)]);
      expect([pages.pagesFetched, server.requests]).toEqual([3, 3]);
    },
  );

  it('fetches numbered pages side by side', async () => {
    const [, client] = await start(new CatalogueServer({ items: 25 }));
    const pages = await client.gatherPages('/items', { totalPages: 3 });
    const found = pages.flatMap((page) => page.json<{ items: CatalogueItem[] }>().items);
    expect(found.map(({ id }) => id)).toEqual([...ids(25)]);
  });

  it('gathers in order, with one failure in its place', async () => {
    const [, client] = await start(new CatalogueServer({ items: 3 }));
    const paths = ['/items/1', 'ftp://nowhere/', '/items/3'];
    const results = await client.gather(paths, { onError: 'return' });
    expect(results.map((result) => ('status' in result ? result.status : result.name))).toEqual([
      200,
      'InvalidUrlError',
      200,
    ]);
  });

  it('holds nothing open after a batch was cancelled', async () => {
    const [, client] = await start(new CatalogueServer({ serviceMs: 50 }));
    for await (const { index } of client.collect(ids(100), { request: (id) => `/items/${id}` })) {
      expect(index).toBeGreaterThanOrEqual(0);
      break;
    }
    expect(client.pool.active).toBe(0);
    expect(client.pool.waiting).toBe(0);
  });
});
