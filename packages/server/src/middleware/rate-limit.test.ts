import { describe, expect, it } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { rateLimit } from './rate-limit.ts';
import { TokenBuckets } from './rate-limit-store.ts';

describe('rateLimit()', () => {
  bothWays('answers 429 beyond the limit, and says when to come back', async (way) => {
    let nowMs = 0;
    way
      .app()
      .use(rateLimit({ limit: 2, windowMs: 10_000, now: () => nowMs }))
      .get('/', () => 'x');
    const first = await way.send('/');
    expect(first.headers.get('ratelimit-limit')).toBe('2');
    expect(first.headers.get('ratelimit-policy')).toBe('2;w=10');
    expect(first.headers.get('ratelimit-remaining')).toBe('1');
    expect(first.headers.get('ratelimit-reset')).toBe('5');
    expect((await way.send('/')).status).toBe(200);
    const refused = await way.send('/');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
    nowMs = 5000;
    expect((await way.send('/')).status).toBe(200);
    expect((await way.send('/')).status).toBe(429);
  });

  bothWays('asks a store that is shared, by a key of your own', async (way) => {
    const keys: string[] = [];
    const store = {
      async take(key: string) {
        keys.push(key);
        return { isAllowed: key !== 'bad', remaining: 0, resetMs: 1500, retryMs: 1500 };
      },
    };
    way
      .app()
      .use(rateLimit({ limit: 1, store, key: (c) => c.header('x-key') }))
      .get('/', () => 'x');
    expect((await way.send({ url: '/', headers: { 'X-Key': 'good' } })).status).toBe(200);
    const bad = await way.send({ url: '/', headers: { 'X-Key': 'bad' } });
    expect([bad.status, bad.headers.get('retry-after')]).toEqual([429, '2']);
    expect((await way.send('/')).headers.get('ratelimit-limit')).toBeNull();
    expect(keys).toEqual(['good', 'bad']);
  });

  it('counts a network of IPv6 as one', async () => {
    const app = new App().use(rateLimit({ limit: 1 })).get('/', () => 'x');
    const from = async (remoteAddress: string): Promise<number> =>
      (await app.inject({ url: '/', remoteAddress })).status;
    expect(await from('2001:db8:0:1::1')).toBe(200);
    expect(await from('2001:db8:0:1:ffff::2')).toBe(429);
    expect(await from('2001:db8::2:1:0:0:1')).toBe(200);
    expect(await from('10.0.0.1')).toBe(200);
    expect(await from('10.0.0.2')).toBe(200);
  });

  it('refuses a limit that is none', () => {
    expect(() => rateLimit({ limit: 0 })).toThrow(/no limit/);
  });
});

describe('TokenBuckets', () => {
  it('never lets twice the limit through around the edge of a window', () => {
    let nowMs = 0;
    const buckets = new TokenBuckets({ limit: 10, windowMs: 1000, maxKeys: 5, now: () => nowMs });
    let allowed = 0;
    for (nowMs = 900; nowMs <= 1100; nowMs += 1) if (buckets.take('a').isAllowed) allowed += 1;
    expect(allowed).toBe(12);
  });

  it('remembers so many keys, and forgets the one that was not seen for longest', () => {
    const buckets = new TokenBuckets({ limit: 1, windowMs: 1000, maxKeys: 2, now: () => 0 });
    buckets.take('a');
    buckets.take('b');
    expect(buckets.take('a').isAllowed).toBe(false);
    buckets.take('c');
    expect(buckets.size).toBe(2);
    expect(buckets.take('a').isAllowed).toBe(false);
    expect(buckets.take('b').isAllowed).toBe(true);
  });
});
