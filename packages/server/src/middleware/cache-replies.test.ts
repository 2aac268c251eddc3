import { describe, expect, it } from 'vitest';
import { gunzipSync } from 'node:zlib';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { json, text } from '../reply/reply.ts';
import { cacheReplies } from './cache-replies.ts';
import { compression } from './compression.ts';
import { cors } from './cors.ts';
import { ReplyCache } from './reply-cache.ts';
import { requestId } from './request-id.ts';
import { fieldBlock } from '../reply/head-fields.ts';

describe('cacheReplies()', () => {
  bothWays('gives an answer again for its time, by target', async (way) => {
    let nowMs = 0;
    let calls = 0;
    const cache = cacheReplies({ ttlMs: 1000, header: true, now: () => nowMs });
    way
      .app()
      .use(cache)
      .get('/', (c) => json({ calls: (calls += 1), q: c.search }, { headers: { 'X-Own': 'a' } }));
    const first = await way.send('/?a=1');
    const second = await way.send('/?a=1');
    expect([first.headers.get('x-cache'), second.headers.get('x-cache')]).toEqual(['miss', 'hit']);
    expect(second.json()).toEqual({ calls: 1, q: 'a=1' });
    expect(second.headers.get('content-type')).toBe('application/json');
    expect(second.headers.getAll('x-own')).toEqual(['a']);
    expect((await way.send('/?a=2')).json()).toMatchObject({ calls: 2 });
    nowMs = 1000;
    expect((await way.send('/?a=1')).json()).toMatchObject({ calls: 3 });
    cache.clear();
    expect((await way.send('/?a=1')).json()).toMatchObject({ calls: 4 });
  });

  bothWays('keeps nothing that is for one client', async (way) => {
    let calls = 0;
    way
      .app()
      .use(cacheReplies({ ttlMs: 60_000, varyBy: ['accept'] }))
      .get('/private', () => json((calls += 1), { headers: { 'Cache-Control': 'private' } }))
      .get('/cookie', (c) => String(c.setCookie('a', 'b') && (calls += 1)))
      .get('/varies', () => json((calls += 1), { headers: { Vary: 'User-Agent' } }))
      .get('/plain', () => json((calls += 1)))
      .post('/plain', () => json((calls += 1)));
    for (const url of ['/private', '/cookie', '/varies']) {
      expect((await way.send(url)).text()).not.toBe((await way.send(url)).text());
    }
    const authorized = { url: '/plain', headers: { Authorization: 'Bearer x' } };
    expect((await way.send(authorized)).text()).not.toBe((await way.send(authorized)).text());
    const posted = { method: 'POST', url: '/plain' };
    expect((await way.send(posted)).text()).not.toBe((await way.send(posted)).text());
    const asked = (accept: string): ReturnType<typeof way.send> =>
      way.send({ url: '/plain', headers: { Accept: accept } });
    const one = (await asked('a')).text();
    expect((await asked('b')).text()).not.toBe(one);
    expect((await asked('a')).text()).toBe(one);
  });

  bothWays('keeps what is compressed, and no field of the middleware in front', async (way) => {
    let calls = 0;
    way
      .app()
      .use(
        requestId(),
        cors({ origins: ['https://a.example', 'https://b.example'] }),
        cacheReplies({ ttlMs: 60_000, varyBy: ['accept-encoding'] }),
        compression(),
      )
      .get('/', () => text(`${(calls += 1)}${'x'.repeat(2000)}`));
    const ask = (origin: string): ReturnType<typeof way.send> =>
      way.send({ url: '/', headers: { 'Accept-Encoding': 'gzip', Origin: origin } });
    const one = await ask('https://a.example');
    const other = await ask('https://b.example');
    expect(calls).toBe(1);
    expect(gunzipSync(other.bytes)).toEqual(gunzipSync(one.bytes));
    expect(other.headers.get('access-control-allow-origin')).toBe('https://b.example');
    expect(other.headers.getAll('x-request-id')).toHaveLength(1);
    expect(other.headers.get('x-request-id')).not.toBe(one.headers.get('x-request-id'));
    expect(other.headers.getAll('vary')).toEqual(['Origin, Accept-Encoding']);
  });
});

describe('ReplyCache', () => {
  it('holds so many bytes, those that were asked for last', () => {
    const cache = new ReplyCache(100);
    const kept = { status: 200, block: fieldBlock([]), body: 'x', untilMs: 10, sizeBytes: 40 };
    cache.set('a', kept);
    cache.set('b', kept);
    cache.get('a', 0);
    cache.set('c', kept);
    expect([cache.get('b', 0), cache.sizeBytes]).toEqual([null, 80]);
    expect(cache.get('a', 0)).not.toBeNull();
    cache.set('a', kept);
    cache.set('large', { ...kept, sizeBytes: 101 });
    expect(cache.sizeBytes).toBe(80);
    expect(cache.get('a', 10)).toBeNull();
    expect(cache.sizeBytes).toBe(40);
  });
});
