import { describe, expect, it } from 'vitest';
import { get, statuses } from './raw-client.fixture.ts';
import type { ServerOptions } from './server-options.ts';
import { CLOSED_TEXT, TestServer, TEXT } from './wire-test-server.fixture.ts';

const server = new TestServer();
const HOST = 'Host: test\r\n';
const CHUNKED = `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;

/** A server that reads every body and says what it was asked. */
async function startReader(options: ServerOptions = {}): Promise<void> {
  await server.start(async (request, reply) => {
    const body = await request.body.bytes();
    reply.send(200, TEXT, `${request.target} ${body.length}`);
  }, options);
}

describe('sizes', () => {
  it.each([
    ['a long target', 414, get(`/${'x'.repeat(9_000)}`)],
    ['a long field', 431, get('/', `X: ${'x'.repeat(9_000)}\r\n`)],
    ['many fields', 431, get('/', 'X: y\r\n'.repeat(101))],
    ['a long head', 431, get('/', `X: ${'x'.repeat(4_000)}\r\n`.repeat(5))],
    ['long chunk extensions', 413, `${CHUNKED}1;${'x'.repeat(300)}\r\n`],
    ['many trailers', 431, `${CHUNKED}0\r\n${'X: y\r\n'.repeat(65)}\r\n`],
    ['a long body', 413, `POST / HTTP/1.1\r\n${HOST}Content-Length: 2000000\r\n\r\n`],
  ])('%s is refused with %i and a closed connection', async (_, status, bytes) => {
    await startReader();
    const text = await server.exchange(bytes);
    expect(statuses(text)).toEqual([status]);
    expect(text).toMatch(CLOSED_TEXT);
    expect(text.split('\r\n\r\n')[1]!.length).toBeGreaterThan(3);
  });

  it('a long chunked body is refused with 413 as soon as it is too long', async () => {
    await startReader({ limits: { bodyBytes: 10 } });
    const client = server.client();
    client.send(`${CHUNKED}8\r\n12345678\r\n8\r\n12345678\r\n`);
    expect(statuses(await client.got('413'))).toEqual([413]);
  });
});

describe('slow clients', () => {
  it('a head that drips is answered 408 when its time is over', async () => {
    await server.start(() => {}, { clock: server.clock });
    const client = server.client();
    for (const piece of ['GET / HT', 'TP/1.1\r\n', 'X: ', 'y']) {
      client.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
      server.clock.advance(3_000);
    }
    expect(client.text).toBe('');
    server.clock.advance(4_000);
    expect(await client.ended()).toMatch(
      /^HTTP\/1\.1 408 [^]*Connection: close[^]*the head took too long\n$/,
    );
  });

  it.each([
    ['stops', 30_000, 0],
    ['drips', 11_000, 1],
  ])('a body that %s is answered 408', async (_, afterMs, drops) => {
    let failure: unknown;
    await server.start(
      async (request) => {
        await request.body.bytes().catch((error: unknown) => (failure = error));
      },
      { clock: server.clock },
    );
    const client = server.client();
    client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 10000\r\n\r\nabc`);
    await server.until(() => server.listening.connectionCount === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let elapsedMs = 0; elapsedMs < afterMs; elapsedMs += 1_000) {
      server.clock.advance(1_000);
      if (drops === 1) client.send('x');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    server.clock.advance(1_000);
    expect(statuses(await client.ended())).toEqual([408]);
    expect(failure).toMatchObject({ name: 'RequestRefusedError', status: 408 });
  });

  it('an idle connection is closed, without a word', async () => {
    await server.start((_, reply) => reply.send(200, '', 'x'), { clock: server.clock });
    const [fresh, used] = [server.client(), server.client()];
    used.send(get('/'));
    await used.got('\r\n\r\nx');
    await server.until(() => server.listening.connectionCount === 2);
    server.clock.advance(5_500);
    expect(statuses(await used.ended())).toEqual([200]);
    expect(fresh.socket.readableEnded).toBe(false);
    server.clock.advance(10_000);
    expect(await fresh.ended()).toBe('');
  });

  it('a client that does not read is dropped', async () => {
    const signals: AbortSignal[] = [];
    let failure: unknown;
    async function* flood(): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.alloc(65_536, 'x');
    }
    await server.start(
      async (request, reply) => {
        signals.push(request.signal);
        await reply.stream(200, '', flood()).catch((error: unknown) => (failure = error));
      },
      { clock: server.clock },
    );
    const client = server.client();
    client.socket.pause();
    client.send(get('/'));
    await server.until(() => signals.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.clock.advance(29_000);
    expect(signals[0]!.aborted).toBe(false);
    server.clock.advance(1_500);
    await server.until(() => server.listening.connectionCount === 0);
    expect(signals[0]!.aborted).toBe(true);
    await server.until(() => failure !== undefined);
    expect(failure).toMatchObject({ code: 'CLIENT_GONE' });
  });

  it('one that does not close after the last answer is dropped', async () => {
    await server.start((_, reply) => reply.send(200, '', 'x'), { clock: server.clock });
    const client = server.client();
    client.send(get('/', 'Connection: close\r\n'));
    await client.ended();
    server.clock.advance(1_500);
    client.send('still here');
    await server.until(() => server.listening.connectionCount === 0);
  });

  it('one that goes on sending after a refusal still gets it', async () => {
    await server.start(() => {});
    const client = server.client();
    client.send(`GARBAGE\r\n${'x'.repeat(10_000)}`);
    client.send('x'.repeat(10_000));
    expect(statuses(await client.ended())).toEqual([400]);
    expect(client.errorCode).toBe('');
  });
});

describe('pipelining limits', () => {
  it('a client that floods while an answer is prepared is held back', async () => {
    await server.start(() => {});
    const client = server.client();
    client.send(get('/'));
    const block = get('/x').repeat(1_000);
    let sent = 0;
    for (; sent < 2_000 && client.socket.writableLength < 1_000_000; sent += 1) {
      client.send(block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Reading stopped: what the kernel does not take piles up here.
    expect(sent).toBeLessThan(2_000);
    expect(client.text).toBe('');
  });

  it('a client that does not read its answers is not read either', async () => {
    let answered = 0;
    await server.start((_, reply) => {
      answered += 1;
      reply.send(200, '', 'x'.repeat(10_000));
    });
    const client = server.client();
    client.socket.pause();
    client.send(get('/').repeat(20_000));
    let before = -1;
    while (answered !== before) {
      before = answered;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(answered).toBeLessThan(5_000);
    client.socket.resume();
    client.socket.on('data', () => (client.text = ''));
    await server.until(() => answered === 20_000);
  });
});

describe('clients that leave', () => {
  it('half-closed: gets the answers to what it asked', async () => {
    await server.start(async (request, reply) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      reply.send(200, '', request.target);
    });
    const client = server.client();
    client.socket.end(get('/1') + get('/2'), 'latin1');
    expect(statuses(await client.ended())).toEqual([200, 200]);
    await server.until(() => server.listening.connectionCount === 0);
  });

  it.each([
    ['a head', 'GET / HTTP/1.1\r\nHo'],
    ['a body', `POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nabc`],
    ['a chunk', `${CHUNKED}5\r\nab`],
  ])('half-closed inside %s: is told 400', async (_, bytes) => {
    await startReader();
    const client = server.client();
    client.socket.end(bytes, 'latin1');
    expect(statuses(await client.ended())).toEqual([400]);
    await server.until(() => server.listening.connectionCount === 0);
  });

  it('mid-body: the body rejects and the signal aborts', async () => {
    const failures: unknown[] = [];
    const signals: AbortSignal[] = [];
    await server.start(async (request) => {
      signals.push(request.signal);
      await request.body.bytes().catch((error: unknown) => failures.push(error));
    });
    const client = server.client();
    client.send(`POST / HTTP/1.1\r\n${HOST}Content-Length: 10\r\n\r\nabc`);
    await server.until(() => signals.length === 1);
    client.socket.resetAndDestroy();
    await server.until(() => failures.length === 1);
    expect(failures[0]).toMatchObject({ code: 'CLIENT_GONE' });
    expect(signals[0]!.aborted).toBe(true);
    expect(server.listening.connectionCount).toBe(0);
  });

  it('mid-stream: the producer is ended and the reply rejects', async () => {
    let isEnded = false;
    let failure: unknown;
    async function* ticks(): AsyncGenerator<string> {
      try {
        for (;;) {
          yield 'tick\n';
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        isEnded = true;
      }
    }
    await server.start(async (_, reply) => {
      await reply.stream(200, '', ticks()).catch((error: unknown) => (failure = error));
    });
    const client = server.client();
    client.send(get('/'));
    await client.got('tick');
    client.socket.resetAndDestroy();
    await server.until(() => isEnded && failure !== undefined);
    expect(failure).toMatchObject({ code: 'CLIENT_GONE' });
    expect(server.listening.connectionCount).toBe(0);
  });

  it('before the answer: sending it does nothing, and is no error', async () => {
    let isAsked = false;
    let isSent = false;
    await server.start(async (request, reply) => {
      isAsked = true;
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      reply.send(200, '', 'nobody');
      isSent = true;
    });
    const client = server.client();
    client.send(get('/'));
    await server.until(() => isAsked);
    client.socket.resetAndDestroy();
    await server.until(() => isSent);
  });
});
