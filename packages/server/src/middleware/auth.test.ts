import { describe, expect, it } from 'vitest';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { basicAuth } from './basic-auth.ts';
import { bearerAuth } from './bearer-auth.ts';

function basic(text: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

describe('basicAuth()', () => {
  bothWays('lets in who knows name and password, and asks all others', async (way) => {
    way
      .app()
      .use(basicAuth({ users: { ada: 'p:ä"s' }, realm: 'Shop' }))
      .get('/', (c) => c.locals.user);
    expect((await way.send({ url: '/', headers: basic('ada:p:ä"s') })).text()).toBe('ada');
    for (const headers of [
      basic('ada:wrong'),
      basic('bob:p:ä"s'),
      basic('ada'),
      basic('__proto__:x'),
      { Authorization: 'Basic ???' },
      { Authorization: 'Bearer abc' },
      {},
    ]) {
      const got = await way.send({ url: '/', headers: headers as Record<string, string> });
      expect(got.status).toBe(401);
      expect(got.headers.get('www-authenticate')).toBe('Basic realm="Shop", charset="UTF-8"');
    }
  });

  bothWays('asks a test of your own, which may take its time', async (way) => {
    way
      .app()
      .use(basicAuth({ users: async (name, password) => name === password }))
      .get('/', (c) => c.locals.user);
    expect((await way.send({ url: '/', headers: basic('x:x') })).text()).toBe('x');
    expect((await way.send({ url: '/', headers: basic('x:y') })).status).toBe(401);
  });

  it('refuses a realm that would end its quotes', () => {
    expect(() => basicAuth({ users: {}, realm: 'a"b' })).toThrow(/quotes/);
  });
});

describe('bearerAuth()', () => {
  bothWays('gives whose token it is, and says what is wrong with others', async (way) => {
    way
      .app()
      .use(
        bearerAuth({
          realm: 'api',
          verify: async (token) => (token === 'good' ? { id: 7 } : null),
        }),
      )
      .get('/', (c) => ({ id: c.locals.identity.id }));
    const ask = (authorization?: string): ReturnType<typeof way.send> =>
      way.send({
        url: '/',
        headers: authorization === undefined ? {} : { Authorization: authorization },
      });
    expect((await ask('bearer good')).json()).toEqual({ id: 7 });
    const missing = await ask();
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="api"',
    ]);
    const wrong = await ask('Bearer bad');
    expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="api", error="invalid_token"',
    ]);
    expect((await ask('Bearer a b')).status).toBe(400);
    // The connection refuses such a field itself.
    expect((await ask(`Bearer ${'x'.repeat(9000)}`)).status).toBe(way.isSocket ? 431 : 400);
    expect((await ask('Basic abc')).status).toBe(401);
  });

  bothWays('knows a list of tokens', async (way) => {
    way
      .app()
      .use(bearerAuth({ tokens: ['one', 'two'] }))
      .get('/', () => 'in');
    const ask = async (token: string): Promise<number> =>
      (await way.send({ url: '/', headers: { Authorization: `Bearer ${token}` } })).status;
    expect([await ask('one'), await ask('two'), await ask('three')]).toEqual([200, 200, 401]);
  });

  it('wants one way to verify', () => {
    expect(() => bearerAuth({})).toThrow(/one of/);
  });
});
