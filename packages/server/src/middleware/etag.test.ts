import { describe, expect } from 'vitest';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { json, stream } from '../reply/reply.ts';
import { etag } from './etag.ts';

describe('etag()', () => {
  bothWays('tags whole bodies, and sends none that the client has', async (way) => {
    way
      .app()
      .use(etag())
      .get('/', () => ({ a: 1 }))
      .get('/own', () => json(1, { headers: { ETag: '"own"' } }));
    const got = await way.send('/');
    const tag = got.headers.get('etag')!;
    expect(tag).toMatch(/^W\/"[\w-]{27}"$/);
    expect((await way.send('/')).headers.get('etag')).toBe(tag);
    const has = await way.send({ url: '/', headers: { 'If-None-Match': `"x", ${tag.slice(2)}` } });
    expect([has.status, has.bytes.length, has.headers.get('etag')]).toEqual([304, 0, tag]);
    expect(has.headers.get('content-type')).toBeNull();
    expect((await way.send({ url: '/', headers: { 'If-None-Match': '"x"' } })).status).toBe(200);
    expect((await way.send({ url: '/own', headers: { 'If-None-Match': '"own"' } })).status).toBe(
      304,
    );
    expect((await way.send({ method: 'HEAD', url: '/' })).headers.get('etag')).toBe(tag);
  });

  bothWays('leaves alone what has no one content', async (way) => {
    way
      .app()
      .use(etag({ kind: 'strong' }))
      .get('/secret', () => json(1, { headers: { 'Cache-Control': 'no-store' } }))
      .get('/pieces', () =>
        stream(
          (async function* () {
            yield 'a';
          })(),
        ),
      )
      .get('/nothing', () => undefined)
      .post('/', () => 'x')
      .get('/whole', () => 'x');
    for (const [method, url] of [
      ['GET', '/secret'],
      ['GET', '/pieces'],
      ['GET', '/nothing'],
      ['POST', '/'],
      ['GET', '/nowhere'],
    ] as const) {
      expect((await way.send({ method, url })).headers.get('etag')).toBeNull();
    }
    expect((await way.send('/whole')).headers.get('etag')).toMatch(/^"/);
  });
});
