import { FieldMap } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { InvalidRequestError, PaginationError } from '../errors.ts';
import type { RequestOptions } from '../model/client-options.ts';
import type { BatchClient } from './batch-client.ts';
import { gatherPages } from './gather-pages.ts';
import { valueAt } from './json-path.ts';
import type { NextPage, Page } from './next-page.ts';
import { paginate, type PageClient } from './paginate.ts';

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly options: RequestOptions;
}

/** Pages by URL, each with its JSON and headers. */
class BookClient implements PageClient<Page> {
  readonly sent: Sent[] = [];
  readonly #pages: Readonly<Record<string, { json?: unknown; headers?: string; url?: string }>>;

  constructor(pages: Readonly<Record<string, { json?: unknown; headers?: string; url?: string }>>) {
    this.#pages = pages;
  }

  request(method: string, url: string, options: RequestOptions = {}): Promise<Page> {
    this.sent.push({ method, url, options });
    const page = this.#pages[url]!;
    return Promise.resolve({
      url: page.url ?? url,
      request: { url: { origin: new URL(url).origin } },
      history: [],
      headers: new FieldMap(page.headers ?? ''),
      json: () => page.json,
    });
  }

  get urls(): string[] {
    return this.sent.map(({ url }) => url);
  }
}

const byJson = new BookClient({
  'http://h/a?q=1': { json: { items: [1, 2], meta: { next: '?page=2' } } },
  'http://h/a?page=2': { json: { items: [3], meta: { next: 'http://h/a?page=3' } } },
  'http://h/a?page=3': { json: { items: [4], meta: { next: null } } },
});
const next: NextPage<Page> = { json: 'meta.next' };

describe('paginate', () => {
  it('follows three pages by a path in their JSON, relative to each page', async () => {
    const pages = paginate(byJson, 'GET', 'http://h/a?q=1', { next });
    expect((await pages.collect()).map(({ url }) => url)).toEqual([
      'http://h/a?q=1',
      'http://h/a?page=2',
      'http://h/a?page=3',
    ]);
    expect(pages.pagesFetched).toBe(3);
    expect(pages.isTruncated).toBe(false);
  });

  it('follows two pages by the Link header, against the URL after redirects', async () => {
    const client = new BookClient({
      'http://h/a': {
        url: 'http://h/moved/a',
        headers: 'Link: </x,y>; rel=prev, <b?c=d;e,f>; title="a, b"; rel="last next"\r\n',
      },
      'http://h/moved/b?c=d;e,f': {},
    });
    await paginate(client, 'GET', 'http://h/a', { next: 'link' }).collect();
    expect(client.urls).toEqual(['http://h/a', 'http://h/moved/b?c=d;e,f']);
  });

  it.each(['X-Next: /b\r\n', 'X-Next: </b>; rel=next\r\n'])(
    'follows the header %j',
    async (headers) => {
      const client = new BookClient({ 'http://h/a': { headers }, 'http://h/b': {} });
      await paginate(client, 'GET', 'http://h/a', { next: { header: 'x-next' } }).collect();
      expect(client.urls).toEqual(['http://h/a', 'http://h/b']);
    },
  );

  it('follows what a function says, at once or later', async () => {
    const client = new BookClient({ 'http://h/1': {}, 'http://h/2': {}, 'http://h/3': {} });
    const count = ({ url }: Page): Promise<string | null> =>
      Promise.resolve(url.endsWith('3') ? null : `/${Number(url.at(-1)) + 1}`);
    await paginate(client, 'GET', 'http://h/1', { next: count }).collect();
    expect(client.urls).toHaveLength(3);
  });

  it('yields records, by path or by function', async () => {
    const url = 'http://h/a?q=1';
    const byPath = paginate<Page, number>(byJson, 'GET', url, { next, records: 'items' });
    expect(await byPath.collect()).toEqual([1, 2, 3, 4]);
    const records = (page: Page): string[] => [page.url.slice(-1)];
    expect(await paginate(byJson, 'GET', url, { next, records }).collect()).toEqual([
      '1',
      '2',
      '3',
    ]);
  });

  it('fetches a page only when it is asked for', async () => {
    const client = new BookClient({ 'http://h/a': { headers: 'Link: </b>; rel=next\r\n' } });
    for await (const page of paginate(client, 'GET', 'http://h/a', { next: 'link' })) {
      expect(page.url).toBe('http://h/a');
      break;
    }
    expect(client.urls).toEqual(['http://h/a']);
  });

  it('ends at maxPages, and says that there was more', async () => {
    const pages = paginate(byJson, 'GET', 'http://h/a?q=1', { next, maxPages: 2 });
    expect(await pages.collect()).toHaveLength(2);
    expect(pages.isTruncated).toBe(true);
  });

  it('sends params with the first page only, and everything else with each', async () => {
    const client = new BookClient({ 'http://h/a': { json: { next: '/b' } }, 'http://h/b': {} });
    const headers = { 'x-key': 'k' };
    const options = { next: { json: 'next' }, params: { q: '1' }, json: { a: 1 }, headers };
    await paginate(client, 'POST', 'http://h/a', options).collect();
    expect(client.sent).toEqual([
      {
        method: 'POST',
        url: 'http://h/a',
        options: { params: { q: '1' }, json: { a: 1 }, headers },
      },
      { method: 'POST', url: 'http://h/b', options: { json: { a: 1 }, headers } },
    ]);
  });

  it.each([
    { Authorization: 'Bearer t', 'X-Key': 'k', Accept: null },
    [
      ['Authorization', 'Bearer t'],
      ['X-Key', 'k'],
    ] as const,
  ])('takes no credentials to another origin', async (headers) => {
    const client = new BookClient({
      'http://h/a': { json: { next: 'https://h/b' } },
      'https://h/b': {},
    });
    const auth = { bearer: 't' };
    const options = { next: { json: 'next' }, headers, auth, cookies: { sid: '1' } };
    await paginate(client, 'GET', 'http://h/a', options).collect();
    const { options: later } = client.sent[1]!;
    expect(later).toMatchObject({ auth: null, headers: { authorization: null, cookie: null } });
    expect(Object.keys(later.headers!)).toContain('x-key');
    expect(later).not.toHaveProperty('cookies');
  });

  it('throws when pages lead in a circle', async () => {
    const client = new BookClient({
      'http://h/a': { json: { next: '/b' } },
      'http://h/b': { json: { next: '/a#again' } },
    });
    const pages = paginate(client, 'GET', 'http://h/a', { next: { json: 'next' } });
    await expect(pages.collect()).rejects.toMatchObject({ code: 'PAGE_LOOP', url: 'http://h/b' });
    expect(client.urls).toHaveLength(2);
  });

  it.each([{ next: 5 }, { next: { url: 'x' } }, { next: 'http://' }])(
    'throws for %j as the next page',
    async (json) => {
      const client = new BookClient({ 'http://h/a': { json } });
      const pages = paginate(client, 'GET', 'http://h/a', { next: { json: 'next' } });
      await expect(pages.collect()).rejects.toMatchObject({ code: 'INVALID_PAGE' });
    },
  );

  it('throws where the records are no list', async () => {
    const client = new BookClient({ 'http://h/a': { json: { items: 3 } } });
    const pages = paginate(client, 'GET', 'http://h/a', { next: 'link', records: 'items' });
    await expect(pages.collect()).rejects.toBeInstanceOf(PaginationError);
  });

  it.each([undefined, 'links', {}, { json: 1 }, { json: 'a', header: 'b' }])(
    'refuses %j as the way to the next page',
    (strategy) => {
      const options = { next: strategy } as unknown as { next: 'link' };
      expect(() => paginate(byJson, 'GET', 'http://h/a', options)).toThrow(InvalidRequestError);
    },
  );

  it('names the ways to the next page when there is none', () => {
    const none = {} as { next: 'link' };
    expect(() => paginate(byJson, 'GET', '/', none)).toThrow(/option next is missing.*'link'/);
  });
});

describe('gatherPages', () => {
  const client: BatchClient<string> = {
    request: (method, url, options) =>
      Promise.resolve(`${method} ${url} ${JSON.stringify(options?.params)}`),
    send: () => Promise.reject(new Error('not used')),
  };

  it('fetches numbered pages in order', async () => {
    const pages = await gatherPages(client, '/a?b=1#c', { totalPages: 2, params: { q: 'x' } });
    expect(pages).toEqual(['GET /a?b=1&page=1#c {"q":"x"}', 'GET /a?b=1&page=2#c {"q":"x"}']);
  });

  it('counts from where it is told, with the parameter it is told', async () => {
    const options = { totalPages: 2, startPage: 0, pageParam: 'p n', method: 'POST' };
    const pages = await gatherPages(client, '/a', options);
    expect(pages).toEqual(['POST /a?p%20n=0 undefined', 'POST /a?p%20n=1 undefined']);
  });

  it('refuses to go without a number of pages', async () => {
    const options = {} as { totalPages: number };
    await expect(gatherPages(client, '/a', options)).rejects.toThrow('totalPages');
  });
});

describe('valueAt', () => {
  it.each([
    ['a.b', 1],
    ['list.1.x', 2],
    ['@odata.nextLink', 3],
    ['deep.er.name.x', 4],
    ['a', { b: 1 }],
    ['a.c', undefined],
    ['a.b.c', undefined],
    ['toString', undefined],
    ['', undefined],
  ])('finds %s', (path, value) => {
    const json = {
      a: { b: 1 },
      list: [0, { x: 2 }],
      '@odata.nextLink': 3,
      deep: { 'er.name': { x: 4 } },
    };
    expect(valueAt(json, path)).toEqual(value);
  });
});
