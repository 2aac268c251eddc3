import { EventEmitter, on, once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { EventStream } from './event-stream.ts';
import { stream } from './reply.ts';
import { eventText } from './event-text.ts';
import { sse } from './sse.ts';

describe('sse()', () => {
  bothWays(
    'sends events, and says how they are to be treated on the way',
    async ({ app, send }) => {
      app().get('/', (c) =>
        sse(c, async function* ({ lastEventId }) {
          yield { id: '1', event: 'price', data: { last: lastEventId } };
          yield 'two\nlines';
        }),
      );
      const got = await send({ url: '/', headers: { 'Last-Event-ID': '41' } });
      expect(got.headers.get('content-type')).toBe('text/event-stream');
      expect(got.headers.get('cache-control')).toBe('no-store');
      expect(got.headers.get('x-accel-buffering')).toBe('no');
      expect(got.text()).toBe(
        'event: price\nid: 1\ndata: {"last":"41"}\n\ndata: two\ndata: lines\n\n',
      );
    },
  );

  bothWays('starts no producer for HEAD', async ({ app, send }) => {
    const producer = vi.fn(async function* () {
      yield 'never';
    });
    app().get('/', (c) => sse(c, producer));
    expect((await send({ method: 'HEAD', url: '/' })).status).toBe(200);
    expect(producer).not.toHaveBeenCalled();
  });

  it('takes what happens elsewhere, and reports no end of it', async () => {
    const shop = new EventEmitter();
    const errors: unknown[] = [];
    const app = new App({ onError: (error) => errors.push(error) }).get('/', (c) =>
      sse(c, async function* ({ signal }) {
        for await (const [order] of on(shop, 'order', { signal })) yield { data: order };
      }),
    );
    const { port } = await app.listen();
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    let text = '';
    socket.on('data', (piece: string) => (text += piece));
    await once(socket, 'data');
    for (const id of [1, 2, 3]) shop.emit('order', id);
    while (!text.includes('data: 3')) await once(socket, 'data');
    expect(text.match(/data: \d/g)).toEqual(['data: 1', 'data: 2', 'data: 3']);
    socket.destroy();
    await vi.waitFor(() => expect(shop.listenerCount('order')).toBe(0));
    await app.close();
    expect(errors).toEqual([]);
  });

  it('ends the producer when the client leaves', async () => {
    let tellLeft!: () => void;
    const left = new Promise<void>((resolve) => (tellLeft = resolve));
    const app = new App().get('/', (c) =>
      sse(c, async function* ({ signal }) {
        yield 'first';
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        tellLeft();
      }),
    );
    const { port } = await app.listen();
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    let text = '';
    while (!text.includes('data: first')) text += String((await once(socket, 'data'))[0]);
    socket.resetAndDestroy();
    await left;
    await app.close();
  });
});

describe('App.close', () => {
  it.each(['wire', 'node'] as const)(
    'ends streams of events and their connections, however long others get (%s)',
    async (server) => {
      const seen: string[] = [];
      const app = new App().get('/', (c) =>
        sse(c, async function* ({ signal }) {
          yield 'first';
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          seen.push('aborted');
        }),
      );
      const { port } = await app.listen({ server, timeouts: { keepAliveMs: 600_000 } });
      const socket = connect(port, '127.0.0.1').setEncoding('latin1');
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      let text = '';
      socket.on('data', (piece: string) => (text += piece));
      while (!text.includes('data: first')) await once(socket, 'data');
      await Promise.all([once(socket, 'end'), app.close({ graceMs: 600_000 })]);
      expect(text).toMatch(/data: first\n\n\r\n0\r\n\r\n$/);
      expect(seen).toEqual(['aborted']);
      socket.destroy();
    },
  );

  it('tells answers without an end by the context', async () => {
    const app = new App().get('/', (c) =>
      stream(
        (async function* () {
          yield 'one';
          await new Promise((resolve) => c.closing.addEventListener('abort', resolve));
          yield 'last';
        })(),
      ),
    );
    const { url } = await app.listen();
    const response = await fetch(url);
    const [text] = await Promise.all([response.text(), app.close({ graceMs: 600_000 })]);
    expect(text).toBe('onelast');
  });
});

describe('eventText()', () => {
  it('writes every field, and a data line for each line of any ending', () => {
    expect(eventText({ event: 'e', id: '7', retryMs: 10, comment: 'c', data: 'a\r\nb\rc\n' })).toBe(
      ': c\nevent: e\nid: 7\nretry: 10\ndata: a\ndata: b\ndata: c\ndata: \n\n',
    );
  });

  it.each([
    { id: 'a\nb' },
    { id: 'a\0' },
    { event: 'a\rb' },
    { retryMs: -1 },
    { retryMs: 1.5 },
    { data: () => 1 },
  ])('refuses %j, which would be another event', (event) => {
    expect(() => eventText(event)).toThrow(expect.objectContaining({ code: 'HANDLER' }));
  });
});

describe('EventStream', () => {
  it('fills silence with comments, and loses no event over it', async () => {
    let give!: (text: string) => void;
    const coming = new Promise<string>((resolve) => (give = resolve));
    const stream = new EventStream(async function* () {
      yield await coming;
    }, 1);
    for (let comments = 0; comments < 2; comments += 1) {
      const next = stream.next();
      stream.keepAlive();
      expect(await next).toEqual({ done: false, value: ':\n\n' });
    }
    give('x');
    expect(await stream.next()).toEqual({ done: false, value: 'data: x\n\n' });
    expect((await stream.next()).done).toBe(true);
  });

  it('says of itself that it was silent', async () => {
    const stream = new EventStream(async function* () {
      yield await new Promise<string>(() => undefined);
    }, 1);
    expect((await stream.next()).value).toBe(':\n\n');
    await stream.return();
  });

  it('passes on what the producer throws, and ends it when an event cannot be sent', async () => {
    const failing = new EventStream(async function* () {
      yield 'a';
      throw new Error('source gone');
    }, 0);
    await failing.next();
    await expect(failing.next()).rejects.toThrow('source gone');
    let isEnded = false;
    const refused = new EventStream(async function* () {
      try {
        yield { id: '\n' };
      } finally {
        isEnded = true;
      }
    }, 0);
    await expect(refused.next()).rejects.toThrow('line end');
    expect(isEnded).toBe(true);
  });
});
