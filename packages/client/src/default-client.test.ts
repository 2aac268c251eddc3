import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from './client-server.fixture.ts';
import { del, get, head, options, patch, post, put, request, stream } from './default-client.ts';

let server: TestServer;

beforeEach(async () => {
  server = await startServer(({ target }, response) => {
    response.setHeader('set-cookie', 'a=b');
    if (target === '/moved') response.writeHead(302, { location: '/here' }).end();
  });
});

afterEach(() => server.close());

describe('get, head, options, del, post, put, patch and request', () => {
  it('send without a client, with every option of one', async () => {
    const given = {
      params: { q: 1 },
      headers: { 'x-a': '1' },
      cookies: { c: 'd' },
      auth: { bearer: 't' },
    };
    for (const call of [get, head, options, del, post, put, patch])
      await call(server.origin, given);
    await request('PURGE', server.origin, given);
    expect(server.reached.map(({ method }) => method)).toEqual([
      'GET',
      'HEAD',
      'OPTIONS',
      'DELETE',
      'POST',
      'PUT',
      'PATCH',
      'PURGE',
    ]);
    for (const { target, headers } of server.reached) {
      expect(target).toBe('/?q=1');
      expect(headers).toMatchObject({ 'x-a': '1', cookie: 'c=d', authorization: 'Bearer t' });
    }
  });

  it('keep no cookies', async () => {
    await get(server.origin);
    await get(server.origin);
    expect(server.reached[1]!.headers.cookie).toBeUndefined();
  });

  it('heed followRedirects', async () => {
    expect((await get(`${server.origin}/moved`, { followRedirects: false })).status).toBe(302);
    expect((await get(`${server.origin}/moved`)).status).toBe(200);
  });
});

describe('stream', () => {
  it('resolves at the head', async () => {
    const response = await stream('POST', server.origin, { body: 'x' });
    expect((await response.read()).status).toBe(200);
    expect(server.reached[0]!.body).toBe('x');
  });
});
