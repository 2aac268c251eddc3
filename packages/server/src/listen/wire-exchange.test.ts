import type { Link, LinkHandler } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { get, post, statuses } from './raw-client.fixture.ts';
import type { ServerReply } from './exchange.ts';
import type { TakeOver } from './server-options.ts';
import { TestServer, TEXT } from './wire-test-server.fixture.ts';

const server = new TestServer();
const LAST = 'Connection: close\r\n';

async function* pieces(...all: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const piece of all) {
    await new Promise((resolve) => setImmediate(resolve));
    yield piece;
  }
}

describe('handlers that fail', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('bang');
      },
    ],
    ['rejects', () => Promise.reject(new Error('bang'))],
    [
      'rejects late',
      () => new Promise<void>((_, reject) => setTimeout(() => reject(new Error('bang')), 5)),
    ],
  ])('one that %s is answered 500 and reported, and the connection is kept', async (_, fail) => {
    let count = 0;
    await server.start((__, reply) => {
      count += 1;
      if (count === 2) return reply.send(200, '', 'fine');
      return fail();
    });
    const text = await server.exchange(get('/') + get('/', LAST));
    expect(statuses(text)).toEqual([500, 200]);
    expect(text).not.toContain('bang');
    expect(server.errors.splice(0)).toEqual([new Error('bang')]);
  });

  it('one that never answers is answered 503, its signal aborts, and a late answer goes nowhere', async () => {
    const replies: ServerReply[] = [];
    const signals: AbortSignal[] = [];
    await server.start(
      (request, reply) => {
        replies.push(reply);
        signals.push(request.signal);
      },
      { clock: server.clock },
    );
    const client = server.client();
    client.send(get('/'));
    await server.until(() => replies.length === 1);
    server.clock.advance(299_000);
    expect(client.text).toBe('');
    server.clock.advance(1_500);
    expect(statuses(await client.ended())).toEqual([503]);
    expect(signals[0]!.aborted).toBe(true);
    replies[0]!.send(200, '', 'late');
    expect(server.errors.splice(0)).toMatchObject([{ code: 'REFUSED', status: 503 }]);
  });

  it('one that answers twice is told, and the wire is unharmed', async () => {
    await server.start((request, reply) => {
      reply.send(200, '', request.target);
      reply.send(200, '', 'again');
    });
    const text = await server.exchange(get('/1') + get('/2', LAST));
    expect(
      text
        .split('\r\n\r\n')
        .map((part) => part.slice(0, 2))
        .slice(1),
    ).toEqual(['/1', '/2']);
    expect(server.errors.splice(0)).toMatchObject([
      { code: 'ANSWERED_TWICE' },
      { code: 'ANSWERED_TWICE' },
    ]);
  });

  it('one that keeps its reply cannot write into the next answer', async () => {
    const replies: ServerReply[] = [];
    await server.start((_, reply) => {
      replies.push(reply);
      if (replies.length === 1) reply.send(200, '', 'one');
    });
    const client = server.client();
    client.send(get('/1') + get('/2'));
    await server.until(() => replies.length === 2);
    const late = replies[0]!;
    expect(() => late.send(200, '', 'x')).toThrow(
      expect.objectContaining({ code: 'ANSWERED_TWICE' }),
    );
    expect(() => late.interim(103, [])).toThrow(
      expect.objectContaining({ code: 'ANSWERED_TWICE' }),
    );
    await expect(late.stream(200, '', pieces('x'))).rejects.toMatchObject({
      code: 'ANSWERED_TWICE',
    });
    replies[1]!.send(200, '', 'two');
    expect((await client.got('two')).match(/one|two|x/g)).toEqual(['one', 'two']);
  });
});

describe('ServerReply.stream', () => {
  it('sends chunks, and keeps the connection', async () => {
    await server.start((_, reply) => reply.stream(200, TEXT, pieces('é', '', Buffer.from('bc'))));
    const text = await server.exchange(get('/') + get('/', LAST));
    expect(statuses(text)).toEqual([200, 200]);
    expect(text.split('\r\n\r\n')[1]).toBe('2\r\n\xc3\xa9\r\n2\r\nbc\r\n0');
    expect(text).toContain('Transfer-Encoding: chunked');
  });

  it('sends a body of known length without chunks', async () => {
    await server.start((_, reply) => reply.stream(200, '', pieces('ab', 'cd'), 4));
    const text = await server.exchange(get('/') + get('/', LAST));
    expect(text).toMatch(/Content-Length: 4\r\n\r\nabcdHTTP/);
  });

  it('marks the end by closing for an HTTP/1.0 client', async () => {
    await server.start((_, reply) => reply.stream(200, '', pieces('ab', 'cd')));
    const text = await server.exchange('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(text).toMatch(/Connection: close\r\n\r\nabcd$/);
  });

  it.each(['HEAD', 'GET'])('sends no body where there is none (%s)', async (method) => {
    let isClosed = false;
    const producer = pieces('never');
    const close = producer.return.bind(producer);
    producer.return = (value) => ((isClosed = true), close(value));
    await server.start((_, reply) => reply.stream(method === 'HEAD' ? 200 : 304, '', producer));
    const text = await server.exchange(`${method} / HTTP/1.1\r\nHost: t\r\n${LAST}\r\n`);
    expect(text.split('\r\n\r\n')[1]).toBe('');
    expect(isClosed).toBe(true);
  });

  it('has no time limit once it began', async () => {
    let next = (): void => {};
    async function* slow(): AsyncGenerator<string> {
      yield 'begin';
      await new Promise<void>((resolve) => (next = resolve));
      yield 'end';
    }
    await server.start((_, reply) => reply.stream(200, '', slow()), { clock: server.clock });
    const client = server.client();
    client.send(get('/'));
    await client.got('begin');
    server.clock.advance(3_600_000);
    next();
    await client.got('0\r\n\r\n');
  });
});

describe('onUpgrade', () => {
  const UPGRADE = get('/ws', 'Connection: upgrade\r\nUpgrade: echo\r\n');
  const SWITCHED =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n';

  function echo(link: Link): LinkHandler {
    link.write(SWITCHED);
    return {
      onOpen() {},
      onBytes: (buffer, end) => void link.write(Buffer.from(buffer.subarray(0, end))),
      onDrain() {},
      onEnd: () => link.end(),
      onClose() {},
    };
  }

  it('gives the connection away, with the bytes that came along', async () => {
    await server.start((_, reply) => reply.send(200, '', 'before'), {
      onUpgrade: (_, __, takeOver) => (takeOver(echo), true),
    });
    const client = server.client();
    client.send(`${get('/')}${UPGRADE}early`);
    await client.got('early');
    client.send(' late');
    expect(await client.got('late')).toMatch(/before[^]*101 Switching[^]*early late$/);
    client.socket.end();
    await client.ended();
    await server.until(() => server.listening.connectionCount === 0);
  });

  it('may decide later', async () => {
    let takeOver: TakeOver | undefined;
    await server.start(() => {}, { onUpgrade: (_, __, take) => ((takeOver = take), true) });
    const client = server.client();
    client.send(`${UPGRADE}early`);
    await server.until(() => takeOver !== undefined);
    client.send(' more');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(client.text).toBe('');
    takeOver!(echo);
    await client.got('early more');
    expect(() => takeOver!(echo)).toThrow(expect.objectContaining({ code: 'NO_TAKE_OVER' }));
  });

  it('is not asked about a request with a body', async () => {
    let isAsked = false;
    await server.start((_, reply) => reply.send(200, '', null), {
      onUpgrade: () => (isAsked = true),
    });
    await server.exchange(post('/', 'abc', 'Connection: upgrade, close\r\nUpgrade: echo\r\n'));
    expect(isAsked).toBe(false);
  });
});
