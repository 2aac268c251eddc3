import { describe, expect, it } from 'vitest';
import type { AppListenOptions } from '../app/app.ts';
import { get, post, statuses } from '../listen/raw-client.fixture.ts';
import { CLOSED_TEXT } from '../listen/wire-test-server.fixture.ts';
import { AppUnderTest } from './app-under-test.fixture.ts';

const HOST = 'Host: test\r\n';
const MIB = 1024 * 1024;
const server = new AppUnderTest();

/** Reads every body: 1 MiB, 10 bytes on `/small`, 4 MiB on `/large`; 20 bytes where the application says so. */
function startReader(options: AppListenOptions = {}, bodyLimitBytes?: number): Promise<void> {
  return server.start(
    (app) => {
      app.post('/', async (c) => String((await c.read.bytes()).length));
      app.post('/small', { bodyLimitBytes: 10 }, async (c) => (await c.read.bytes()).length);
      app.post('/large', { bodyLimitBytes: 4 * MIB }, async (c) => (await c.read.bytes()).length);
      app.get('/*', (c) => c.path);
    },
    options,
    bodyLimitBytes === undefined ? {} : { bodyLimitBytes },
  );
}

/** A head that announces so many bytes, and none of them. */
function announced(path: string, sizeBytes: number): string {
  return `POST ${path} HTTP/1.1\r\n${HOST}Content-Length: ${sizeBytes}\r\n\r\n`;
}

function chunked(path: string, sizeBytes: number): string {
  const chunk = 'x'.repeat(sizeBytes);
  return `POST ${path} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${sizeBytes.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`;
}

describe('an application, too much of', () => {
  it.each([
    ['target', 414, get(`/${'x'.repeat(9_000)}`)],
    ['query', 414, get(`/?${'x'.repeat(9_000)}`)],
    ['field', 431, get('/', `X: ${'x'.repeat(9_000)}\r\n`)],
    ['fields', 431, get('/', 'X: y\r\n'.repeat(101))],
    ['head', 431, get('/', `X: ${'x'.repeat(4_000)}\r\n`.repeat(5))],
    ['cookies', 431, get('/', `Cookie: ${'a=b; '.repeat(2_000)}\r\n`)],
    ['trailers', 431, chunked('/', 1).replace(/0\r\n\r\n$/, `0\r\n${'X: y\r\n'.repeat(65)}\r\n`)],
    ['chunk extension', 413, chunked('/', 1).replace('\r\n1\r\n', `\r\n1;${'x'.repeat(300)}\r\n`)],
  ])('%s is refused with %i and a closed connection', async (_, status, bytes) => {
    await startReader();
    const text = await server.exchange(bytes);
    expect(statuses(text)).toEqual([status]);
    expect(text).toMatch(CLOSED_TEXT);
  });

  it('limits can be set', async () => {
    await startReader({ limits: { startLineBytes: 40, fields: 2 } });
    expect(statuses(await server.exchange(get(`/${'x'.repeat(50)}`)))).toEqual([414]);
    expect(statuses(await server.exchange(get('/', 'X: y\r\nX: y\r\n')))).toEqual([431]);
  });
});

describe('an application, a body', () => {
  it.each([
    ['announced, past 1 MiB', announced('/', MIB + 1)],
    ['announced, past the limit of its route', announced('/small', 11)],
    ['announced, past a larger limit of its route', announced('/large', 4 * MIB + 1)],
    ['announced, past counting', announced('/', 999_999_999_999_999)],
    ['chunked, past the limit of its route', chunked('/small', 11)],
  ])('%s is answered 413', async (_, bytes) => {
    await startReader();
    const client = server.client();
    client.send(bytes);
    const text = await client.got('"status":413');
    expect(statuses(text)).toEqual([413]);
    expect(text).toContain('Content-Type: application/problem+json');
  });

  it.each([
    ['announced', announced('/', 21) + 'x'.repeat(21)],
    ['chunked', chunked('/', 21)],
  ])('%s past the limit of the application is answered 413', async (_, bytes) => {
    await startReader({}, 20);
    const client = server.client();
    client.send(bytes);
    expect(statuses(await client.got('"status":413'))).toEqual([413]);
  });

  it('chunked is refused as soon as it is too long, before its end', async () => {
    await startReader({}, 20);
    const client = server.client();
    client.send(chunked('/', 21).replace(/0\r\n\r\n$/, ''));
    expect(statuses(await client.got('"status":413'))).toEqual([413]);
  });

  it.each(['/small', '/large', '/'])('exactly as long as the limit is read: %s', async (path) => {
    await startReader();
    const sizeBytes = { '/small': 10, '/large': 4 * MIB, '/': MIB }[path]!;
    const client = server.client();
    client.send(post(path, 'x'.repeat(sizeBytes)));
    expect(statuses(await client.got(`\r\n\r\n${sizeBytes}`))).toEqual([200]);
  });

  it('that was refused and is sent all the same neither harms nor is harmed', async () => {
    await startReader();
    const client = server.client();
    client.send(post('/', 'x'.repeat(MIB + 1)));
    const text = await client.ended();
    expect(statuses(text)).toEqual([413]);
    expect(text).toMatch(CLOSED_TEXT);
  });
});

describe('an application, slow clients', () => {
  it('a head that drips is answered 408 when its time is over', async () => {
    await startReader({ clock: server.clock, timeouts: { headMs: 2_000 } });
    const client = server.client();
    for (const piece of ['GET / HT', 'TP/1.1\r\n', 'X: ']) {
      client.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
      server.clock.advance(500);
    }
    expect(client.text).toBe('');
    server.clock.advance(2_000);
    expect(statuses(await client.ended())).toEqual([408]);
  });

  it.each([
    ['stops', 1_000, 10_000],
    ['drips below the least rate', 10_000, 1_000],
  ])('a body that %s is answered 408', async (_, bodyIdleMs, bodyGraceMs) => {
    let reading = 0;
    await server.start(
      (app) =>
        app.post('/', async (c) => {
          reading += 1;
          return (await c.read.bytes()).length;
        }),
      { clock: server.clock, timeouts: { bodyIdleMs, bodyGraceMs } },
    );
    const client = server.client();
    client.send(announced('/', 1_000));
    await server.until(() => reading === 1);
    for (let elapsedMs = 0; elapsedMs <= 1_000; elapsedMs += 500) {
      if (bodyIdleMs > 1_000) client.send('x');
      await new Promise((resolve) => setTimeout(resolve, 5));
      server.clock.advance(500);
    }
    expect(statuses(await client.ended())).toEqual([408]);
  });

  it('connections past the limit are told 503, and are taken again when others have left', async () => {
    await startReader({ maxConnections: 2 });
    const [first, second] = [server.client(), server.client()];
    for (const client of [first, second]) {
      client.send(get('/a'));
      await client.got('\r\n\r\n/a');
    }
    const third = server.client();
    expect(await third.ended()).toMatch(
      /^HTTP\/1\.1 503 [^]*Connection: close[^]*too many connections\n$/,
    );
    first.socket.destroy();
    second.socket.destroy();
    let taken: number[] = [];
    while (taken[0] !== 200) {
      taken = statuses(await server.exchange(get('/a', 'Connection: close\r\n')));
      expect([200, 503]).toContain(taken[0]);
    }
  });

  it('idle connections are closed, without a word', async () => {
    await startReader({ clock: server.clock, timeouts: { keepAliveMs: 1_000 } });
    const client = server.client();
    client.send(get('/a'));
    await client.got('\r\n\r\n/a');
    server.clock.advance(1_500);
    expect(statuses(await client.ended())).toEqual([200]);
  });

  it('half-closed clients of a stream are looked for with few zeros before a chunk, and get it', async () => {
    let goOn!: () => void;
    const waiting = new Promise<void>((resolve) => (goOn = resolve));
    await server.start(
      (app) =>
        app.get('/', async function* () {
          yield 'one';
          await waiting;
          yield 'two';
        }),
      { clock: server.clock },
    );
    const client = server.client();
    client.send(get('/'));
    await client.got('one\r\n');
    client.socket.end();
    await client.got('one\r\n0');
    for (let tick = 0; tick < 20; tick += 1) server.clock.advance(500);
    goOn();
    expect((await client.ended()).split('one\r\n')[1]).toBe('0000003\r\ntwo\r\n0\r\n\r\n');
  });

  it('half-closed clients get the answers to what they asked', async () => {
    await server.start((app) =>
      app.get('/:wait', async (c) => {
        await new Promise((resolve) => setTimeout(resolve, Number(c.params.wait)));
        return c.params.wait;
      }),
    );
    const client = server.client();
    client.socket.end(get('/20') + get('/1') + get('/5'), 'latin1');
    const text = await client.ended();
    expect(statuses(text)).toEqual([200, 200, 200]);
    expect(text.split('\r\n\r\n').map((part) => part.split('HTTP')[0])).toEqual([
      '',
      '20',
      '1',
      '5',
    ]);
  });
});

describe('an application, pipelines', () => {
  it('are answered in order, one after the other, however long each takes', async () => {
    const running: string[] = [];
    await server.start((app) =>
      app.get('/:wait', async (c) => {
        running.push(`${c.params.wait} in`);
        await new Promise((resolve) => setTimeout(resolve, Number(c.params.wait)));
        running.push(`${c.params.wait} out`);
        return { waited: c.params.wait };
      }),
    );
    const client = server.client();
    client.send(get('/15') + get('/1') + get('/5'));
    const text = await client.got('{"waited":"5"}');
    expect([...text.matchAll(/"waited":"(\d+)"/g)].map(([, wait]) => wait)).toEqual([
      '15',
      '1',
      '5',
    ]);
    expect(running).toEqual(['15 in', '15 out', '1 in', '1 out', '5 in', '5 out']);
  });

  it('that come while an answer is prepared are held back', async () => {
    await server.start((app) => app.get('/', () => new Promise(() => {})));
    const client = server.client();
    const block = get('/').repeat(2_000);
    let blocks = 0;
    for (; blocks < 2_000 && client.socket.writableLength < 1_000_000; blocks += 1) {
      client.send(block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Reading stopped: what the kernel does not take piles up here.
    expect(blocks).toBeLessThan(2_000);
  });

  it('of a client that does not read its answers are not run on', async () => {
    let answered = 0;
    await server.start((app) =>
      app.get('/', () => {
        answered += 1;
        return 'x'.repeat(10_000);
      }),
    );
    const client = server.client();
    client.socket.pause();
    client.send(get('/').repeat(20_000));
    let before = -1;
    while (answered !== before) {
      before = answered;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(answered).toBeLessThan(5_000);
  });
});
