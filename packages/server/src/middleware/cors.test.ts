import { describe, expect, it } from 'vitest';
import { HttpError } from '../app/http-error.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { json } from '../reply/reply.ts';
import { cors } from './cors.ts';

const SHOP = 'https://shop.example';

describe('cors()', () => {
  bothWays('lets listed origins read, and tells caches that it depends', async ({ app, send }) => {
    app()
      .use(cors({ origins: [SHOP], credentials: true, exposeHeaders: ['X-Total'] }))
      .get('/', () => json(1, { headers: { Vary: 'Accept' } }));
    const allowed = await send({ url: '/', headers: { Origin: SHOP } });
    expect(allowed.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
    expect(allowed.headers.get('access-control-expose-headers')).toBe('X-Total');
    expect(allowed.headers.getAll('vary')).toEqual(['Origin, Accept']);
    const other = await send({ url: '/', headers: { Origin: 'https://shop.example.evil' } });
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([200, null]);
    const none = await send('/');
    expect(none.headers.get('vary')).toContain('Origin');
  });

  bothWays('answers preflights of paths that have no OPTIONS', async ({ app, send }) => {
    app()
      .use(cors({ origins: '*', maxAgeSeconds: 60, privateNetwork: true }))
      .post('/orders', () => 'made');
    const got = await send({
      method: 'OPTIONS',
      url: '/orders',
      headers: {
        Origin: SHOP,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type, x-a',
        'Access-Control-Request-Private-Network': 'true',
      },
    });
    expect(got.status).toBe(204);
    const field = (name: string): string | null => got.headers.get(`access-control-allow-${name}`);
    expect(field('origin')).toBe('*');
    expect(field('methods')).toContain('POST');
    expect(field('headers')).toBe('content-type, x-a');
    expect(field('private-network')).toBe('true');
    expect(field('credentials')).toBeNull();
    expect(got.headers.get('access-control-max-age')).toBe('60');
    expect(got.headers.get('vary')).toContain('Access-Control-Request-Method');
  });

  bothWays('says no to preflights of others, and mirrors no nonsense', async ({ app, send }) => {
    app()
      .use(cors({ origins: async (origin) => origin === SHOP }))
      .get('/', () => 'x');
    const ask = (origin: string, headers: string): ReturnType<typeof send> =>
      send({
        method: 'OPTIONS',
        url: '/',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': headers,
        },
      });
    const refused = await ask('null', 'x-a');
    expect(refused.status).toBe(204);
    expect([...refused.headers].filter(([name]) => /^access-control/i.test(name))).toEqual([]);
    const odd = await ask(SHOP, 'x a;b');
    expect(odd.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(odd.headers.get('access-control-allow-headers')).toBeNull();
  });

  bothWays('leaves a plain OPTIONS to the route', async ({ app, send }) => {
    app()
      .use(cors({ origins: '*' }))
      .get('/', () => 'x');
    const got = await send({ method: 'OPTIONS', url: '/', headers: { Origin: SHOP } });
    expect(got.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  bothWays('lets pages read errors too', async ({ app, send }) => {
    app()
      .use(cors({ origins: [SHOP] }))
      .get('/', () => {
        throw new HttpError(409);
      });
    const got = await send({ url: '/', headers: { Origin: SHOP } });
    expect([got.status, got.headers.get('access-control-allow-origin')]).toEqual([409, SHOP]);
    const missing = await send({ url: '/nowhere', headers: { Origin: SHOP } });
    expect(missing.headers.get('access-control-allow-origin')).toBe(SHOP);
  });

  it('is not made with what browsers refuse, or what opens it to everybody', () => {
    expect(() => cors({ origins: '*', credentials: true })).toThrow(/List the origins/);
    expect(() => cors({ origins: ['null'], credentials: true })).toThrow(/anybody/);
  });
});
