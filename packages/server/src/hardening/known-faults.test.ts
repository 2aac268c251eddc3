import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { json } from '../reply/reply.ts';
import { get, post, statuses } from '../listen/raw-client.fixture.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';

const server = new AppUnderTest();
const CLOSE = 'Connection: close\r\n';

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

async function jsonOf(text: string): Promise<unknown> {
  return JSON.parse(bodyOf(text)) as unknown;
}

// Faults that servers of this kind were found to have, each as the behaviour in its place. Traversal, pollution, smuggling,
// limits, time limits and failing handlers have files of their own.
describe('faults that other servers have', () => {
  it('a route that is not there is 404, not a success', async () => {
    await server.start((app) => app.get('/here', () => 'here'));
    expect(statuses(await server.exchange(get('/there', CLOSE)))).toEqual([404]);
  });

  it('a handler that throws is answered, and no client hangs', async () => {
    await server.start((app) =>
      app.get('/', () => {
        throw new Error('x');
      }),
    );
    expect(statuses(await server.exchange(get('/', CLOSE)))).toEqual([500]);
    expect(server.errors.splice(0)).toHaveLength(1);
  });

  it.each(['content-length', 'CONTENT-LENGTH', 'cOnTeNt-LeNgTh'])(
    '%s is Content-Length: the body is read and the stream of requests stays in step',
    async (name) => {
      await server.start((app) => app.post('/', (c) => c.read.text()).get('/', () => 'next'));
      const first = post('/', 'hello').replace('Content-Length', name);
      const text = await server.exchange(first + get('/', CLOSE));
      expect(statuses(text)).toEqual([200, 200]);
      expect(text).toContain('\r\n\r\nhelloHTTP/1.1 200');
      expect(text).toMatch(/next$/);
    },
  );

  it('fields are found in any letter case, the first of several, or all', async () => {
    await server.start((app) =>
      app.get('/', (c) => [c.header('x-a'), c.header('X-A'), c.request.headers.getAll('x-A')]),
    );
    const text = await server.exchange(get('/', `X-a: 1\r\nx-A: 2\r\n${CLOSE}`));
    expect(await jsonOf(text)).toEqual(['1', '1', ['1', '2']]);
  });

  it.each(['close', 'Close', 'keep-alive, close', 'x-other, CLOSE'])(
    'Connection: %s is obeyed',
    async (value) => {
      await server.start((app) => app.get('/', () => 'x'));
      const text = await server.exchange(get('/', `Connection: ${value}\r\n`) + get('/'));
      expect(statuses(text)).toEqual([200]);
      expect(text).toContain('\r\nConnection: close\r\n');
    },
  );

  it('chunked bodies are read', async () => {
    await server.start((app) => app.post('/', (c) => c.read.text()));
    const head = `POST / HTTP/1.1\r\nHost: test\r\n${CLOSE}Transfer-Encoding: chunked\r\n\r\n`;
    const text = await server.exchange(
      `${head}5\r\nhello\r\n6;a="b"\r\n world\r\n0\r\nX: y\r\n\r\n`,
    );
    expect(bodyOf(text)).toBe('hello world');
  });

  it('percent escapes are decoded in parameters and in the query', async () => {
    await server.start((app) => app.get('/:id', (c) => ({ id: c.params.id, query: c.query })));
    const text = await server.exchange(get('/a%20%C3%BC%2B?n%20ame=%C3%A9+%2B', CLOSE));
    expect(JSON.parse(Buffer.from(bodyOf(text), 'latin1').toString())).toEqual({
      id: 'a ü+',
      query: { 'n ame': 'é +' },
    });
  });

  it('names of a query that repeat, or have no value, are kept', async () => {
    await server.start((app) => app.get('/', (c) => c.query));
    const text = await server.exchange(get('/?a=1&b&a=2&c=&a=3', CLOSE));
    expect(await jsonOf(text)).toEqual({ a: ['1', '2', '3'], b: '', c: '' });
  });

  it('requests that overlap have parameters of their own', async () => {
    const waiting: (() => void)[] = [];
    await server.start((app) =>
      app.get('/:id', async (c) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return c.params.id;
      }),
    );
    const clients = ['a', 'b', 'c'].map((id) => {
      const client = server.client();
      client.send(get(`/${id}`, CLOSE));
      return client;
    });
    await server.until(() => waiting.length === 3);
    for (const resolve of waiting.reverse()) resolve();
    const texts = await Promise.all(clients.map((client) => client.ended()));
    expect(texts.map(bodyOf)).toEqual(['a', 'b', 'c']);
  });

  it('the order of the members of an answer is that of the value, whatever was answered before', async () => {
    await server.start((app) =>
      app.get('/ab', () => ({ a: 1, b: 2 })).get('/ba', () => ({ b: 2, a: 1 })),
    );
    expect(bodyOf(await server.exchange(get('/ab', CLOSE)))).toBe('{"a":1,"b":2}');
    expect(bodyOf(await server.exchange(get('/ba', CLOSE)))).toBe('{"b":2,"a":1}');
  });

  it('HEAD, OPTIONS, PATCH and 405 are there without a word of the program', async () => {
    await server.start((app) => app.get('/', () => 'body').patch('/', () => 'patched'));
    const ask = (method: string): Promise<string> =>
      server.exchange(get('/', CLOSE).replace('GET', method));
    const head = await ask('HEAD');
    expect([statuses(head), bodyOf(head)]).toEqual([[200], '']);
    expect(head).toContain('Content-Length: 4\r\n');
    expect(await ask('OPTIONS')).toContain('Allow: GET, HEAD, PATCH, OPTIONS\r\n');
    expect(bodyOf(await ask('PATCH'))).toBe('patched');
    expect(statuses(await ask('DELETE'))).toEqual([405]);
  });

  it('an answer has the type of its kind, and the fields of its reply', async () => {
    await server.start((app) =>
      app
        .get('/json', () => ({ a: 1 }))
        .get('/text', () => 'a')
        .get('/reply', () => json(1, { status: 201, headers: { 'X-Kept': 'yes' } })),
    );
    expect(await server.exchange(get('/json', CLOSE))).toContain(
      'Content-Type: application/json\r\n',
    );
    expect(await server.exchange(get('/text', CLOSE))).toContain('Content-Type: text/plain');
    expect(await server.exchange(get('/reply', CLOSE))).toMatch(/ 201 [^]*X-Kept: yes\r\n/);
  });

  it('a parameter has the type of its schema, and what does not meet it is 422, never 500', async () => {
    await server.start((app) =>
      app
        .get('/:id', { params: z.object({ id: z.coerce.number().int() }) }, (c) => c.params.id + 1)
        .post('/', { body: z.object({ items: z.array(z.object({ a: z.string() })) }) }, () => 'x'),
    );
    expect(bodyOf(await server.exchange(get('/41', CLOSE)))).toBe('42');
    const wrong = await server.exchange(get('/x', CLOSE));
    expect([statuses(wrong), wrong.includes('"path":"$.id"')]).toEqual([[422], true]);
    const body = post('/', '{"items":[{"a":1}]}', `Content-Type: application/json\r\n${CLOSE}`);
    expect(await server.exchange(body)).toMatch(/ 422 [^]*"path":"\$\.items\[0\]\.a"/);
    const none = post('/', '', `Content-Type: application/json\r\n${CLOSE}`);
    expect(statuses(await server.exchange(none))[0]).toBeLessThan(500);
  });

  it('routes that contradict each other are refused at the start, not when they are asked for', async () => {
    await server.start(() => {});
    const { App } = await import('../app/app.ts');
    const twice = new App().get('/a/:id', () => 1).get('/a/:id', () => 2);
    await expect(twice.ready()).rejects.toMatchObject({ name: 'RouteError' });
    const names = new App().get('/a/:id', () => 1).get('/a/:name/b', () => 2);
    await expect(names.ready()).rejects.toMatchObject({ name: 'RouteError' });
  });

  it('a hundred routes find their last like their first', async () => {
    await server.start((app) => {
      for (let at = 0; at < 100; at += 1) {
        app.get(`/some/:id/and/:another/${at}`, (c) => ({ ...c.params, at }));
      }
      app.get('/last_route', () => 'last');
    });
    expect(await jsonOf(await server.exchange(get('/some/1/and/2/99', CLOSE)))).toEqual({
      id: '1',
      another: '2',
      at: 99,
    });
    expect(bodyOf(await server.exchange(get('/last_route', CLOSE)))).toBe('last');
  });

  it('malformed JSON is 400 each time, and never costs the connection', async () => {
    await server.start((app) => app.post('/', (c) => c.read.json()).get('/', () => 'still here'));
    const bodies = ['{invalid json}', 'not json at all', '{"a":', '', '{', '}', '[1,', '\xff\xfe'];
    const type = 'Content-Type: application/json\r\n';
    const text = await server.exchange(
      bodies.map((body) => post('/', body, type)).join('') + get('/', CLOSE),
    );
    expect(statuses(text)).toEqual([...bodies.map(() => 400), 200]);
  });

  it('a body arrives as it was sent, to the last byte, however it is cut', async () => {
    await server.start((app) =>
      app.post('/', async (c) =>
        createHash('sha256')
          .update(await c.read.bytes())
          .digest('hex'),
      ),
    );
    const body = Array.from({ length: 100_000 }, (_, at) => String.fromCharCode(at % 256)).join('');
    const client = server.client();
    const bytes = post('/', body, CLOSE);
    for (let at = 0; at < bytes.length; at += 7_919) {
      client.send(bytes.slice(at, at + 7_919));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const digest = createHash('sha256').update(Buffer.from(body, 'latin1')).digest('hex');
    expect(bodyOf(await client.ended())).toBe(digest);
  });

  it('twenty clients of ten requests each get their own answers', async () => {
    await server.start((app) =>
      app.get('/:client/:request', async (c) => {
        if (Number(c.params.request) % 3 === 0)
          await new Promise((resolve) => setImmediate(resolve));
        return `${c.params.client}.${c.params.request};`;
      }),
    );
    await Promise.all(
      Array.from({ length: 20 }, async (_, number) => {
        const client = server.client();
        for (let at = 0; at < 10; at += 1) {
          client.send(get(`/${number}/${at}`));
          await client.got(`${number}.${at};`);
        }
        expect(statuses(client.text)).toHaveLength(10);
      }),
    );
  });

  it('closing lets the answers that are under way end', async () => {
    let finish: (text: string) => void = () => {};
    await server.start((app) =>
      app.get('/', () => new Promise<string>((resolve) => (finish = resolve))),
    );
    const client = server.client();
    client.send(get('/'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const closed = server.app.close({ graceMs: 5_000 });
    finish('whole');
    const text = await client.ended();
    expect(bodyOf(text)).toBe('whole');
    expect(text).toContain('Connection: close\r\n');
    await closed;
  });
});
