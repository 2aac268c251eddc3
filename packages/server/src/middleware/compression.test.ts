import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, createGunzip, gunzipSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { ndjson } from '../reply/ndjson.ts';
import { bytes, json, stream, text } from '../reply/reply.ts';
import { sse } from '../reply/sse.ts';
import { compression } from './compression.ts';
import { etag } from './etag.ts';

const LONG = 'needletail '.repeat(500);
const DECODERS = { br: brotliDecompressSync, gzip: gunzipSync, deflate: inflateSync } as const;

describe('compression()', () => {
  bothWays('codes by what the client takes, and says what it depends on', async (way) => {
    way
      .app()
      .use(compression())
      .get('/', () => text(LONG))
      .get('/json', () => ({ LONG }));
    for (const coding of ['br', 'gzip', 'deflate'] as const) {
      const got = await way.send({ url: '/', headers: { 'Accept-Encoding': coding } });
      expect(got.headers.get('content-encoding')).toBe(coding);
      expect(got.headers.get('vary')).toBe('Accept-Encoding');
      expect(got.headers.get('content-length')).toBe(
        way.isSocket ? String(got.bytes.length) : null,
      );
      expect(DECODERS[coding](got.bytes).toString()).toBe(LONG);
    }
    const plain = await way.send('/');
    expect([plain.text(), plain.headers.get('content-encoding')]).toEqual([LONG, null]);
    expect(plain.headers.get('vary')).toBe('Accept-Encoding');
    const object = await way.send({ url: '/json', headers: { 'Accept-Encoding': 'br' } });
    expect(JSON.parse(brotliDecompressSync(object.bytes).toString())).toEqual({ LONG });
  });

  bothWays('leaves alone what gains nothing, or must not be touched', async (way) => {
    const headers = { 'Cache-Control': 'public, no-transform' };
    way
      .app()
      .use(compression())
      .get('/short', () => 'short')
      .get('/image', () => bytes(Buffer.from(LONG), { type: 'image/png' }))
      .get('/same', () => text(LONG, { headers }))
      .get('/coded', () => text(LONG, { headers: { 'Content-Encoding': 'x-own' } }))
      .get('/part', () => text(LONG, { status: 206, headers: { 'Content-Range': 'bytes 0-9/10' } }))
      .get('/empty', () => undefined);
    for (const url of ['/short', '/image', '/same', '/coded', '/part', '/empty', '/nowhere']) {
      const got = await way.send({ url, headers: { 'Accept-Encoding': 'gzip, br' } });
      const coding = got.headers.get('content-encoding');
      expect([url, coding === null || coding === 'x-own']).toEqual([url, true]);
    }
  });

  bothWays('weakens entity tags, and answers HEAD without a length', async (way) => {
    way
      .app()
      .use(compression())
      .get('/', () => text(LONG, { headers: { ETag: '"abc"', 'Accept-Ranges': 'bytes' } }));
    const headers = { 'Accept-Encoding': 'gzip' };
    const got = await way.send({ url: '/', headers });
    expect(got.headers.get('etag')).toBe('W/"abc"');
    expect(got.headers.get('accept-ranges')).toBeNull();
    const head = await way.send({ method: 'HEAD', url: '/', headers });
    expect(head.headers.get('content-encoding')).toBe('gzip');
    expect([head.headers.get('content-length'), head.bytes.length]).toEqual([null, 0]);
  });

  bothWays('goes with etag in front: the tag is of what was compressed', async (way) => {
    way
      .app()
      .use(compression(), etag())
      .get('/', () => text(LONG));
    const headers = { 'Accept-Encoding': 'gzip' };
    const got = await way.send({ url: '/', headers });
    const tag = got.headers.get('etag')!;
    expect(gunzipSync(got.bytes).toString()).toBe(LONG);
    const again = await way.send({ url: '/', headers: { ...headers, 'If-None-Match': tag } });
    expect([again.status, again.headers.get('content-encoding')]).toEqual([304, null]);
  });

  bothWays('codes what comes in pieces, whole or with a failure', async (way) => {
    way
      .app()
      .use(compression())
      .get('/pieces', () => stream(pieces(400), { type: 'text/plain' }))
      .get('/known', () => stream(pieces(10), { type: 'text/plain', length: 10 * LONG.length }));
    for (const [url, count] of [
      ['/pieces', 400],
      ['/known', 10],
    ] as const) {
      const got = await way.send({ url, headers: { 'Accept-Encoding': 'gzip' } });
      expect(gunzipSync(got.bytes).toString()).toBe(LONG.repeat(count));
    }
  });

  it('sends events when they happen', async () => {
    let goOn!: () => void;
    const read = new Promise<void>((resolve) => (goOn = resolve));
    const app = new App().use(compression()).get('/', (c) =>
      sse(c, async function* () {
        yield 'first';
        await read;
        yield 'second';
      }),
    );
    const { port } = await app.listen();
    const asked = request({
      port,
      host: '127.0.0.1',
      headers: { 'Accept-Encoding': 'gzip' },
    }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    expect(response.headers['content-encoding']).toBe('gzip');
    const decoded = response.pipe(createGunzip());
    expect(String((await once(decoded, 'data'))[0])).toBe('data: first\n\n');
    goOn();
    expect(String((await once(decoded, 'data'))[0])).toBe('data: second\n\n');
    await app.close({ graceMs: 0 });
  });

  bothWays('flushes lines that are longer than any buffer', async (way) => {
    const rows = Array.from({ length: 3 }, () => randomBytes(200_000).toString('base64'));
    way
      .app()
      .use(compression())
      .get('/', () => ndjson(rows));
    const got = await way.send({ url: '/', headers: { 'Accept-Encoding': 'br' } });
    const lines = brotliDecompressSync(got.bytes).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as string)).toEqual(rows);
  });

  it('ends the producer when nobody reads on', async () => {
    let isEnded = false;
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield LONG;
      } finally {
        isEnded = true;
      }
    }
    const app = new App({ onError: () => undefined })
      .use(compression({ levels: { gzip: 1 } }))
      .get('/', () => stream(endless(), { type: 'text/plain' }));
    const response = await app.fetch(
      new Request('http://a/', { headers: { 'Accept-Encoding': 'gzip' } }),
    );
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(isEnded).toBe(true);
  });

  it('is not made for codings that the runtime has not', () => {
    expect(() => compression({ codings: [] })).toThrow(/Add gzip/);
  });

  bothWays('codes many at once, some of them waiting', async (way) => {
    way
      .app()
      .use(compression({ concurrency: 1 }))
      .get('/', () => json({ LONG }));
    const all = await Promise.all(
      Array.from({ length: 8 }, () => way.send({ url: '/', headers: { 'Accept-Encoding': 'br' } })),
    );
    for (const got of all) expect(brotliDecompressSync(got.bytes).toString()).toContain(LONG);
  });
});

async function* pieces(count: number): AsyncGenerator<string> {
  for (let sent = 0; sent < count; sent += 1) yield LONG;
}
