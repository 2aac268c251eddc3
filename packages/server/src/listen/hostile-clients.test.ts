import { describe, expect, it } from 'vitest';
import { get, post, statuses } from './raw-client.fixture.ts';
import type { ServerOptions } from './server-options.ts';
import { CLOSED_TEXT, TestServer, TEXT } from './wire-test-server.fixture.ts';

const server = new TestServer();
const HOST = 'Host: test\r\n';
const SMUGGLED = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;
const CHUNKED = `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;

/** A server that reads every body and says what it was asked; it remembers the targets. */
async function startReader(options: ServerOptions = {}): Promise<string[]> {
  const targets: string[] = [];
  await server.start(async (request, reply) => {
    targets.push(request.target);
    const body = await request.body.bytes();
    reply.send(200, TEXT, `${request.target} ${body.length}`);
  }, options);
  return targets;
}

describe('request smuggling', () => {
  it.each([
    [
      'CL.TE',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG${SMUGGLED}`,
    ],
    [
      'TE.CL',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${SMUGGLED}`,
    ],
    [
      'TE.TE, repeated',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    [
      'TE.TE, with a no-break space',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: \xa0chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    [
      'TE.TE, twice in one',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    [
      'TE, space before the colon',
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    [
      'TE in HTTP/1.0',
      `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`,
    ],
    [
      'lengths that differ',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: 5\r\n\r\n${SMUGGLED}`,
    ],
    [
      'lengths that agree',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello${SMUGGLED}`,
    ],
    ['a list of lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 5, 5\r\n\r\nhello${SMUGGLED}`],
    ['a signed length', `POST / HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello${SMUGGLED}`],
    ['an empty length', `POST / HTTP/1.1\r\n${HOST}Content-Length: \r\n\r\n${SMUGGLED}`],
    [
      'a hexadecimal length',
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x5\r\n\r\nhello${SMUGGLED}`,
    ],
    ['bare LF', `GET / HTTP/1.1\nHost: test\n\n${SMUGGLED}`],
    ['bare CR', `GET / HTTP/1.1\r\n${HOST}X: a\rb\r\n\r\n${SMUGGLED}`],
    ['obsolete folding', `GET / HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n${SMUGGLED}`],
    ['space before the first field', `GET / HTTP/1.1\r\n ${HOST}\r\n${SMUGGLED}`],
    ['chunk extension with a line feed', `${CHUNKED}2;\nxx\r\nhi\r\n0\r\n\r\n${SMUGGLED}`],
    ['chunk extension with a space', `${CHUNKED}2 ;a\r\nhi\r\n0\r\n\r\n${SMUGGLED}`],
    ['chunk size with a prefix', `${CHUNKED}0x2\r\nhi\r\n0\r\n\r\n${SMUGGLED}`],
    ['chunk longer than its size', `${CHUNKED}2\r\nhi!\r\n0\r\n\r\n${SMUGGLED}`],
    ['chunk ended by a line feed', `${CHUNKED}2\r\nhi\n0\r\n\r\n${SMUGGLED}`],
    ['framing in the trailers', `${CHUNKED}0\r\nContent-Length: 5\r\n\r\n${SMUGGLED}`],
    ['two hosts', `GET / HTTP/1.1\r\n${HOST}Host: b\r\n\r\n${SMUGGLED}`],
    ['no host', `GET / HTTP/1.1\r\n\r\n${SMUGGLED}`],
    ['HTTP/0.9', `GET /\r\n${SMUGGLED}`],
    ['TLS on a plain port', '\x16\x03\x01\x02\x00'],
  ])('%s is refused with 400 and a closed connection', async (_, bytes) => {
    const targets = await startReader();
    const text = await server.exchange(bytes);
    expect(statuses(text)).toEqual([400]);
    expect(text).toMatch(CLOSED_TEXT);
    expect(text.split('\r\n\r\n')[1]).toMatch(/^Bad Request: [A-Z_0-9]+\n$/);
    expect(targets).not.toContain('/smuggled');
  });

  it('CL.0: a body that no handler reads is not taken for a request', async () => {
    const targets: string[] = [];
    await server.start((request, reply) => {
      targets.push(request.target);
      reply.send(200, '', null);
    });
    const client = server.client();
    client.send(post('/first', SMUGGLED) + get('/last', 'Connection: close\r\n'));
    expect(statuses(await client.ended())).toEqual([200, 200]);
    expect(targets).toEqual(['/first', '/last']);
  });

  it('TE.0: neither is one in chunks', async () => {
    const targets: string[] = [];
    await server.start((request, reply) => {
      targets.push(request.target);
      reply.send(200, '', null);
    });
    const chunk = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
    await server.exchange(
      `${CHUNKED.replace('POST', 'OPTIONS')}${chunk}${get('/last', 'Connection: close\r\n')}`,
    );
    expect(targets).toEqual(['/', '/last']);
  });

  it('answers what came before the fault, in order', async () => {
    await server.start((_, reply) => reply.send(200, '', null));
    expect(statuses(await server.exchange(`${get('/1')}${get('/2')}GARBAGE\r\n\r\n`))).toEqual([
      200, 200, 400,
    ]);
  });

  it('takes nothing after a request that announced the end', async () => {
    const targets = await startReader();
    expect(statuses(await server.exchange(get('/', 'Connection: close\r\n') + SMUGGLED))).toEqual([
      200,
    ]);
    expect(targets).toEqual(['/']);
  });
});

describe('sizes', () => {
  it.each([
    ['a long target', 414, get(`/${'x'.repeat(9_000)}`)],
    ['a long field', 431, get('/', `X: ${'x'.repeat(9_000)}\r\n`)],
    ['many fields', 431, get('/', 'X: y\r\n'.repeat(101))],
    ['a long head', 431, get('/', `X: ${'x'.repeat(4_000)}\r\n`.repeat(5))],
    ['a long method', 501, `${'M'.repeat(40)} / HTTP/1.1\r\n${HOST}\r\n`],
    ['another version', 505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
    ['another coding', 501, `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ['long chunk extensions', 413, `${CHUNKED}1;${'x'.repeat(300)}\r\n`],
    ['many trailers', 431, `${CHUNKED}0\r\n${'X: y\r\n'.repeat(65)}\r\n`],
    ['a long body', 413, `POST / HTTP/1.1\r\n${HOST}Content-Length: 2000000\r\n\r\n`],
    ['an unknown expectation', 417, get('/', 'Expect: tea\r\n')],
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
