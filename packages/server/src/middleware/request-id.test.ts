import { describe, expect, it } from 'vitest';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { requestId } from './request-id.ts';
import { ulid } from './ulid.ts';

describe('requestId()', () => {
  bothWays('names each request, and does not believe what it came with', async ({ app, send }) => {
    app()
      .use(requestId())
      .get('/', (c) => c.locals.requestId);
    const seen = new Set<string>();
    for (let sent = 0; sent < 3; sent += 1) {
      const got = await send({ url: '/', headers: { 'X-Request-Id': 'mine' } });
      expect(got.headers.get('x-request-id')).toBe(got.text());
      expect(got.text()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
      seen.add(got.text());
    }
    expect(seen.size).toBe(3);
  });

  bothWays('takes a valid one where it is told to, and no other', async ({ app, send }) => {
    app()
      .use(requestId({ header: 'X-Trace', acceptIncoming: true, generate: () => 'made' }))
      .get('/', (c) => c.locals.requestId);
    const ask = async (id: string): Promise<string> =>
      (await send({ url: '/', headers: { 'X-Trace': id } })).text();
    expect(await ask('abc-1.2_3')).toBe('abc-1.2_3');
    expect(await ask('a b')).toBe('made');
    expect(await ask('<script>')).toBe('made');
    expect(await ask('x'.repeat(129))).toBe('made');
  });
});

describe('ulid()', () => {
  it('sorts by time, and is another each time', () => {
    const early = ulid(1_700_000_000_000);
    const late = ulid(1_700_000_000_001);
    expect(early).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(early < late).toBe(true);
    // The time of the example in the specification.
    expect(ulid(1469918176385).slice(0, 10)).toBe('01ARYZ6S41');
    expect(new Set(Array.from({ length: 500 }, () => ulid(7))).size).toBe(500);
  });
});
