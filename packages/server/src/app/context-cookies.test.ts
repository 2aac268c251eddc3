import { describe, expect } from 'vitest';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { json } from '../reply/reply.ts';

describe('c.setCookie()', () => {
  bothWays('adds a line for each cookie, beside those of the reply', async ({ app, send }) => {
    app().get('/', (c) => {
      c.setCookie('sid', 'abc', { httpOnly: true, path: '/' }).setCookie('theme', 'dark');
      c.deleteCookie('old', { path: '/' });
      return json(1, { headers: { 'Set-Cookie': 'own=1' } });
    });
    expect((await send('/')).headers.getAll('set-cookie')).toEqual([
      'sid=abc; Path=/; HttpOnly',
      'theme=dark',
      'old=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      'own=1',
    ]);
  });

  bothWays('sets none that would be another', async ({ app, send, errors }) => {
    app().get('/', (c) => c.setCookie('sid', 'a; Domain=evil.example'));
    const got = await send('/');
    expect([got.status, got.headers.get('set-cookie')]).toEqual([500, null]);
    expect(errors.splice(0)).toMatchObject([{ code: 'INVALID_COOKIE' }]);
  });
});
