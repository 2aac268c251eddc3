import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { HeaderList } from '../model/header-list.ts';
import { CookieStore } from './cookie-store.ts';
import { cookiesLayer } from './cookies.ts';
import { makeResponse } from './exchange.fixture.ts';

/** Asks `url` for an answer with these Set-Cookie lines; returns the Cookie field that was sent. */
async function ask(
  store: CookieStore,
  url: string,
  setCookies: readonly string[] = [],
  changes: Partial<ClientRequest> = {},
): Promise<string | null> {
  let sent: ClientRequest | null = null;
  await cookiesLayer(store)(makeRequest(url, changes), (request) => {
    sent = request;
    const response = makeResponse(
      200,
      setCookies.map((value) => `set-cookie: ${value}`),
    );
    return Promise.resolve({ request, response, history: [] });
  });
  return sent!.headers.get('cookie');
}

describe('cookiesLayer', () => {
  it('sends back what was set', async () => {
    const store = new CookieStore();
    expect(
      await ask(store, 'http://example.com/login', ['id=7; Path=/', 'b=2; Path=/']),
    ).toBeNull();
    expect(await ask(store, 'http://example.com/x')).toBe('id=7; b=2');
  });

  it.each([
    ['id=1', 'http://a.example/', 'http://b.example/', null],
    ['id=1', 'http://example.com/', 'http://www.example.com/', null],
    ['id=1; Domain=example.com', 'http://example.com/', 'http://www.example.com/', 'id=1'],
    ['id=1; Domain=example.com', 'http://example.com/', 'http://notexample.com/', null],
    ['id=1; Domain=com', 'http://example.com/', 'http://other.com/', null],
    ['id=1; Domain=co.uk', 'http://example.co.uk/', 'http://other.co.uk/', null],
    ['id=1; Domain=other.org', 'http://example.com/', 'http://other.org/', null],
    ['id=1; Path=/a', 'http://example.com/', 'http://example.com/a/b', 'id=1'],
    ['id=1; Path=/a', 'http://example.com/', 'http://example.com/ab', null],
    ['id=1; Secure', 'https://example.com/', 'https://example.com/', 'id=1'],
    ['id=1; Secure', 'https://example.com/', 'http://example.com/', null],
    ['id=1; Max-Age=0', 'http://example.com/', 'http://example.com/', null],
    [
      'id=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      'http://example.com/',
      'http://example.com/',
      null,
    ],
    ['id=1', 'http://127.0.0.1:81/', 'http://127.0.0.1:82/', 'id=1'],
    ['id=1', 'http://localhost/', 'http://localhost/', 'id=1'],
    [';;;', 'http://example.com/', 'http://example.com/', null],
  ])('%j set by %s: %s gets %j', async (setCookie, from, url, expected) => {
    const store = new CookieStore();
    await ask(store, from, [setCookie]);
    expect(await ask(store, url)).toBe(expected);
  });

  it('sends what the request was given before what is kept, and not both of one name', async () => {
    const store = new CookieStore();
    await ask(store, 'http://h.example/', ['a=kept', 'b=kept']);
    const headers = new HeaderList({ Cookie: 'a=given; c=given' });
    expect(await ask(store, 'http://h.example/', [], { headers })).toBe('a=given; c=given; b=kept');
    expect(headers.get('cookie')).toBe('a=given; c=given');
  });

  it('keeps the cookies of answers that come while the library is loaded', async () => {
    const store = new CookieStore();
    await Promise.all([
      ask(store, 'http://a.example/', ['a=1']),
      ask(store, 'http://b.example/', ['b=1']),
    ]);
    expect(store.all().map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('CookieStore', () => {
  const URL = 'http://example.com/x';

  it('tells what would be sent', async () => {
    const store = new CookieStore();
    expect(store.get('a', URL)).toBeNull();
    expect(store.all()).toEqual([]);
    await store.set('a=1; Path=/; HttpOnly; SameSite=Lax', URL);
    await store.set('b=2; Path=/elsewhere', URL);
    expect(store.get('a', URL)).toBe('1');
    expect(store.get('b', URL)).toBeNull();
    expect(store.all(URL).map(({ name }) => name)).toEqual(['a']);
    expect(store.all()).toHaveLength(2);
    expect(store.all(URL)[0]).toEqual({
      name: 'a',
      value: '1',
      domain: 'example.com',
      path: '/',
      expires: null,
      hostOnly: true,
      secure: false,
      httpOnly: true,
      sameSite: 'lax',
    });
  });

  it('forgets all', async () => {
    const store = new CookieStore();
    await store.set('a=1', URL);
    store.clear();
    expect(store.isEmpty).toBe(true);
    expect(store.headerFor(URL)).toBe('');
  });

  it('comes back from what it was saved as', async () => {
    const store = new CookieStore();
    await store.set('a=1; Domain=example.com; Path=/', URL);
    await store.set('b=2; Expires=Fri, 01 Jan 2100 00:00:00 GMT; Path=/', URL);
    const saved = JSON.stringify(store);
    const restored = new CookieStore();
    await restored.restore(saved);
    expect(JSON.stringify(restored)).toBe(saved);
    expect(restored.headerFor('http://www.example.com/')).toBe('a=1');
    expect(restored.headerFor(URL)).toBe('a=1; b=2');
  });

  it.each(['{', '{}', '[{}]', 7, [{ name: 'a', value: 1 }]])(
    'refuses to restore %j',
    async (saved) => {
      await expect(new CookieStore().restore(saved)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining('Cookies not restored') as string,
      });
    },
  );

  it.each(['a=1; Domain=other.org', '', `a=${'x'.repeat(9000)}`])(
    'says why it does not keep a cookie (%#)',
    async (setCookie) => {
      await expect(new CookieStore().set(setCookie, URL)).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
    },
  );

  it('does not grow without end', async () => {
    const store = new CookieStore();
    await store.set('first=1', URL);
    for (let index = 0; index < 3500; index += 1) {
      const kept = store.receive([`c${index}=1`], `http://h${index % 7}.example.com/`);
      if (kept !== null) await kept;
    }
    expect(store.all().length).toBeLessThanOrEqual(3000);
    expect(store.all().length).toBeGreaterThan(2000);
  });
});
