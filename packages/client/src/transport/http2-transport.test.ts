import { constants, type ServerHttp2Stream } from 'node:http2';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { systemClock, type Clock } from '@needletail/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import type { ResponseBody } from '../body/response-body.ts';
import type { ClientRequest, TransferProgress } from '../model/client-request.ts';
import { HeaderList } from '../model/header-list.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import { readAll, startH2c, type Http2TestServer } from './http2-setup.fixture.ts';
import { Http2Transport, type Http2TransportOptions } from './http2-transport.ts';
import { streamedBody, until, wholeBody } from './wire-setup.fixture.ts';
import { wholeText } from './test-request.fixture.ts';

let server: Http2TestServer;
let transport: Http2Transport;

afterEach(async () => {
  await transport.close();
  await server.close();
});

function open(clock: Clock = systemClock, changes: Partial<Http2TransportOptions> = {}): void {
  transport = new Http2Transport({
    openSocket: async (url, _alpn, signal) => {
      const socket = connect(url.port, '127.0.0.1');
      signal.addEventListener('abort', () => socket.destroy());
      await once(socket, 'connect');
      return { socket, timings: { connectMs: 0, tlsMs: 0 } };
    },
    alpn: ['h2'],
    maxConnections: 10,
    keepAliveExpiryMs: 4000,
    clock,
    ...changes,
  });
}

async function serve(
  ...[onStream, options]: Parameters<typeof startH2c>
): Promise<(changes?: Partial<ClientRequest>) => ClientRequest> {
  server = await startH2c(onStream, options);
  open();
  return (changes) => makeRequest(`${server.url}/path?query`, changes);
}

function answer(stream: ServerHttp2Stream, text = 'hello'): void {
  stream.respond({ ':status': 200 });
  stream.end(text);
}

describe('new Http2Transport().send', () => {
  it('sends pseudo fields, lower-case names and repeated fields, and none about the connection', async () => {
    let seen: Record<string, unknown> = {};
    const request = await serve((stream, headers) => {
      seen = { ...headers };
      answer(stream);
    });
    const headers = new HeaderList([
      ['X-Case', 'a'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
      ['TE', 'gzip'],
      ['Authorization', 'Bearer t'],
    ]);
    const response = await transport.send(request({ headers }));
    expect(seen).toMatchObject({
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': `127.0.0.1:${server.port}`,
      ':path': '/path?query',
      'x-case': 'a',
      'x-twice': '1, 2',
      authorization: 'Bearer t',
    });
    expect(seen).not.toHaveProperty('te');
    expect(seen).not.toHaveProperty('host');
    expect(response).toMatchObject({ status: 200, reason: '', httpVersion: '2', trailers: null });
    expect(wholeText(response.body)).toBe('hello');
  });

  it('takes Host as the authority and drops Connection', async () => {
    let seen: Record<string, unknown> = {};
    const request = await serve((stream, headers) => {
      seen = { ...headers };
      answer(stream);
    });
    const headers = new HeaderList({ Host: 'virtual.test', Connection: 'keep-alive' });
    await transport.send(request({ headers }));
    expect(seen[':authority']).toBe('virtual.test');
    expect(seen).not.toHaveProperty('connection');
  });

  it.each([
    [{ 'x-a': 'b\r\nc: d' }, 'INVALID_HEADER'],
    [{ 'x a': 'b' }, 'INVALID_HEADER'],
    [{ 'transfer-encoding': 'chunked' }, 'INVALID_HEADER'],
    [{ upgrade: 'websocket' }, 'INVALID_HEADER'],
  ])('refuses %j before anything is sent', async (headers, code) => {
    const request = await serve((stream) => answer(stream));
    const sending = transport.send(request({ headers: new HeaderList(headers) }));
    await expect(sending).rejects.toMatchObject({ code });
    expect(transport.pool.opened).toBe(0);
  });

  it('keeps repeated fields of the response apart, and gives interim responses and trailers', async () => {
    const request = await serve((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      stream.respond(
        { ':status': 201, 'set-cookie': ['a=1', 'b=2'], 'x-one': 'ü' },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
      stream.end('body');
    });
    const response = await transport.send(request());
    expect(response.status).toBe(201);
    expect(response.headers.getAll('Set-Cookie')).toEqual(['a=1', 'b=2']);
    expect(response.interim).toHaveLength(1);
    expect(response.interim[0]!.status).toBe(103);
    expect(response.interim[0]!.headers.get('link')).toBe('</a.css>');
    expect(response.trailers?.get('x-sum')).toBe('42');
  });

  it.each([
    ['HEAD', 200, { 'content-length': '12' }],
    ['GET', 204, {}],
    ['GET', 304, { 'content-length': '12' }],
  ])('knows that the answer to %s with %d has no body', async (method, status, fields) => {
    const request = await serve((stream) => {
      stream.respond({ ':status': status, ...fields }, { endStream: true });
    });
    const response = await transport.send(request({ method }));
    expect(response.status).toBe(status);
    expect(response.body).toHaveLength(0);
  });

  it('carries a hundred requests at a time over one session', async () => {
    const waiting: ServerHttp2Stream[] = [];
    const request = await serve((stream) => {
      waiting.push(stream);
      if (waiting.length === 100) for (const one of waiting) answer(one, `${one.id}`);
    });
    const sending = Array.from({ length: 100 }, () => transport.send(request()));
    const bodies = new Set((await Promise.all(sending)).map((one) => wholeText(one.body)));
    expect(bodies.size).toBe(100);
    expect(server.sessions).toHaveLength(1);
    expect(transport.pool).toMatchObject({ open: 1, opened: 1, reused: 99, waiting: 0 });
  });

  it('opens no more streams than the server takes', async () => {
    let open = 0;
    let most = 0;
    const request = await serve(
      (stream) => {
        open += 1;
        most = Math.max(most, open);
        stream.on('close', () => (open -= 1));
        setImmediate(() => answer(stream));
      },
      { settings: { maxConcurrentStreams: 3 } },
    );
    await transport.send(request());
    await Promise.all(Array.from({ length: 20 }, () => transport.send(request())));
    expect(most).toBeLessThanOrEqual(3);
    expect(server.sessions).toHaveLength(1);
  });

  it('gives up in line after timeout.pool', async () => {
    server = await startH2c(() => {}, { settings: { maxConcurrentStreams: 1 } });
    const clock = new FakeClock();
    open(clock);
    const timeouts = { ...DEFAULT_TIMEOUTS, pool: 100 };
    const first = transport.send(makeRequest(server.url, { timeouts }));
    first.catch(() => {});
    await until(() => server.sessions[0]?.localSettings.maxConcurrentStreams === 1);
    await until(() => transport.pool.active === 1);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((next) => void setImmediate(next));
    const second = transport.send(makeRequest(server.url, { timeouts }));
    const outcome = expect(second).rejects.toMatchObject({ code: 'POOL_TIMEOUT', phase: 'pool' });
    clock.advance(200);
    await outcome;
    expect(transport.pool.waiting).toBe(0);
  });
});

describe('request bodies', () => {
  const megabytes = (count: number): Buffer => Buffer.alloc(count * 1_048_576, 'abcdefgh');

  async function echoing(): Promise<(changes?: Partial<ClientRequest>) => ClientRequest> {
    return await serve((stream, headers) => {
      stream.respond({ ':status': 200, 'x-length': headers['content-length'] ?? 'none' });
      stream.pipe(stream);
    });
  }

  it.each([
    ['text', wholeBody('grüße'), '7', 'grüße'],
    ['bytes', wholeBody(Buffer.from('bytes')), '5', 'bytes'],
    [
      'a stream of known length',
      streamedBody([Buffer.from('ab'), Buffer.from('c')], 3),
      '3',
      'abc',
    ],
    ['a stream', streamedBody([Buffer.from('ab'), Buffer.from('c')]), 'none', 'abc'],
    ['nothing', wholeBody(''), '0', ''],
  ])('sends %s', async (_kind, body, length, text) => {
    const request = await echoing();
    const response = await transport.send(request({ method: 'POST', body }));
    expect(wholeText(response.body)).toBe(text);
    expect(response.headers.get('x-length')).toBe(length);
  });

  it('sends and receives 20 MB at a time, and tells of progress', async () => {
    const request = await echoing();
    const body = wholeBody(megabytes(20));
    const seen: TransferProgress[] = [];
    const response = await transport.send(
      request({ method: 'POST', body, onUploadProgress: (progress) => seen.push(progress) }),
    );
    expect((response.body as Buffer).equals(megabytes(20))).toBe(true);
    const total = 20 * 1_048_576;
    expect(seen.at(-1)).toEqual({ transferredBytes: total, totalBytes: total });
    expect(seen.length).toBeGreaterThan(100);
  });

  it('pulls no faster than the server takes', async () => {
    const request = await serve((stream) => stream.pause());
    let pulled = 0;
    const endless = (function* () {
      for (;;) {
        pulled += 1;
        yield Buffer.alloc(65_536);
      }
    })();
    const controller = new AbortController();
    const sending = transport.send(
      request({ method: 'POST', body: streamedBody(endless), signal: controller.signal }),
    );
    const outcome = expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
    await until(() => pulled > 0);
    for (let turn = 0; turn < 200; turn += 1) await new Promise((next) => void setImmediate(next));
    expect(pulled).toBeLessThan(64);
    controller.abort();
    await outcome;
  });

  it('fails with WRITE_FAILED when the source of the body throws', async () => {
    const request = await serve((stream) => stream.resume());
    const failing = (function* () {
      yield Buffer.from('a');
      throw new Error('disk is gone');
    })();
    const sending = transport.send(request({ method: 'POST', body: streamedBody(failing) }));
    await expect(sending).rejects.toMatchObject({
      code: 'WRITE_FAILED',
      message: expect.stringContaining('disk is gone'),
    });
  });

  it('never lets half a body look like a whole one', async () => {
    const events: string[] = [];
    const request = await serve((stream) => {
      stream.resume();
      stream.on('end', () => events.push('end'));
      stream.on('aborted', () => events.push('aborted'));
      stream.on('close', () => events.push(`closed with ${stream.rstCode}`));
    });
    const controller = new AbortController();
    const stalling = (async function* () {
      yield Buffer.from('half of');
      await new Promise(() => {});
    })();
    const sending = transport.send(
      request({ method: 'POST', body: streamedBody(stalling), signal: controller.signal }),
    );
    const outcome = expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    await outcome;
    await until(() => events.some((event) => event.startsWith('closed')));
    // Node ends an aborted stream too; what counts is that it says so first.
    expect(events).toEqual(['aborted', 'end', `closed with ${constants.NGHTTP2_CANCEL}`]);
  });

  it('fails when the body is shorter than it says', async () => {
    const request = await serve((stream) => stream.resume());
    const body = streamedBody([Buffer.from('abc')], 5);
    const sending = transport.send(request({ method: 'POST', body }));
    await expect(sending).rejects.toMatchObject({ phase: 'send' });
  });

  it('stops sending when the answer came first', async () => {
    const request = await serve((stream) => {
      stream.respond({ ':status': 413 });
      stream.end('too large');
    });
    const body = wholeBody(megabytes(20));
    const response = await transport.send(request({ method: 'POST', body }));
    expect(response.status).toBe(413);
    expect(wholeText(response.body)).toBe('too large');
    expect(wholeText((await transport.send(request())).body)).toBe('too large');
  });

  it('waits for 100 Continue with the body', async () => {
    const request = await serve((stream, headers) => {
      expect(headers['expect']).toBe('100-continue');
      stream.additionalHeaders({ ':status': 100 });
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    const body = wholeBody('patient');
    const sent = request({ method: 'POST', body, expectContinue: true });
    expect(wholeText((await transport.send(sent)).body)).toBe('patient');
  });
});

describe('streamed responses', () => {
  it('hand the body over as it comes, and the trailers at its end', async () => {
    const request = await serve((stream) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': 'yes' }));
      stream.write('a');
      setImmediate(() => stream.end('b'));
    });
    const response = await transport.send(request({ isStreaming: true, maxBodyBytes: Infinity }));
    expect(response.trailers).toBeNull();
    expect(String(await readAll(response.body as ResponseBody))).toBe('ab');
    expect(response.trailers?.get('x-end')).toBe('yes');
  });

  it('hold the server back while their reader is slow', async () => {
    const streams: ServerHttp2Stream[] = [];
    const total = 20 * 1_048_576;
    const request = await serve((stream) => {
      streams.push(stream);
      stream.respond({ ':status': 200 });
      stream.end(Buffer.alloc(total, 'x'));
    });
    const response = await transport.send(request({ isStreaming: true, maxBodyBytes: Infinity }));
    for (let turn = 0; turn < 300; turn += 1) await new Promise((next) => void setImmediate(next));
    expect(streams[0]!.writableFinished).toBe(false);
    expect((await readAll(response.body as ResponseBody)).length).toBe(total);
  });

  it('are reset when their reader has had enough, and leave the session to others', async () => {
    let code: number | undefined;
    const request = await serve((stream, headers) => {
      if (headers[':method'] === 'HEAD')
        return stream.respond({ ':status': 200 }, { endStream: true });
      stream.on('close', () => (code = stream.rstCode));
      stream.respond({ ':status': 200 });
      stream.write('a');
    });
    const response = await transport.send(request({ isStreaming: true, maxBodyBytes: Infinity }));
    (response.body as ResponseBody).cancel();
    await until(() => code !== undefined);
    expect(code).toBe(constants.NGHTTP2_CANCEL);
    await transport.send(request({ method: 'HEAD' }));
    expect(server.sessions).toHaveLength(1);
    await until(() => transport.pool.active === 0);
  });

  it('break off with RESET when the server resets them', async () => {
    const request = await serve((stream) => {
      stream.respond({ ':status': 200 });
      // More than the window takes, so that the end stays behind.
      stream.write(Buffer.alloc(8 * 1_048_576));
      setTimeout(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 20);
    });
    const response = await transport.send(request({ isStreaming: true, maxBodyBytes: Infinity }));
    await new Promise((resolve) => setTimeout(resolve, 40));
    await expect(readAll(response.body as ResponseBody)).rejects.toMatchObject({
      code: 'RESET',
      phase: 'body',
      message: expect.stringContaining('INTERNAL_ERROR'),
    });
  });
});

describe('limits', () => {
  it('refuses a body larger than maxBodyBytes, announced or not', async () => {
    const request = await serve((stream, headers) => {
      const isSaid = headers['x-said'] === 'yes';
      stream.respond({ ':status': 200, ...(isSaid ? { 'content-length': '1000' } : {}) });
      stream.end(Buffer.alloc(1000));
    });
    for (const said of ['yes', 'no']) {
      const headers = new HeaderList({ 'x-said': said });
      const sending = transport.send(request({ headers, maxBodyBytes: 999 }));
      await expect(sending).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    }
    expect(server.sessions).toHaveLength(1);
  });

  it('gives up after timeout.read without a byte', async () => {
    server = await startH2c(() => {});
    const clock = new FakeClock();
    open(clock);
    const timeouts = { ...DEFAULT_TIMEOUTS, read: 100 };
    const sending = transport.send(makeRequest(server.url, { timeouts }));
    const outcome = expect(sending).rejects.toMatchObject({ code: 'READ_TIMEOUT', phase: 'head' });
    await until(() => transport.pool.active === 1);
    clock.advance(200);
    await outcome;
  });

  it('gives up after timeout.exchange although bytes keep coming', async () => {
    server = await startH2c((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('x');
    });
    const clock = new FakeClock();
    open(clock);
    const timeouts = { ...DEFAULT_TIMEOUTS, exchange: 1000 };
    const sending = transport.send(makeRequest(server.url, { timeouts, isStreaming: true }));
    await until(() => transport.pool.active === 1);
    const { body } = await sending;
    clock.advance(1100);
    await expect(
      (async () => {
        for await (const piece of body as AsyncIterable<Buffer>) expect(piece.toString()).toBe('x');
      })(),
    ).rejects.toMatchObject({ code: 'EXCHANGE_TIMEOUT', phase: 'body' });
  });

  it('gives up after timeout.write when the server takes nothing', async () => {
    server = await startH2c((stream) => stream.pause());
    const clock = new FakeClock();
    open(clock);
    const timeouts = { ...DEFAULT_TIMEOUTS, write: 100 };
    const body = wholeBody(Buffer.alloc(8 * 1_048_576));
    const sending = transport.send(makeRequest(server.url, { method: 'POST', body, timeouts }));
    const outcome = expect(sending).rejects.toMatchObject({ code: 'WRITE_TIMEOUT' });
    await until(() => server.sessions.length === 1);
    for (let turn = 0; turn < 100; turn += 1) await new Promise((next) => void setImmediate(next));
    clock.advance(200);
    await outcome;
  });

  it('gives up after timeout.connect, and lets go of the connection', async () => {
    server = await startH2c(() => {});
    const clock = new FakeClock();
    let isAborted = false;
    open(clock, {
      openSocket: (_url, _alpn, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            isAborted = true;
            reject(signal.reason as Error);
          });
        }),
    });
    const timeouts = { ...DEFAULT_TIMEOUTS, connect: 100 };
    const sending = transport.send(makeRequest(server.url, { timeouts }));
    const outcome = expect(sending).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT' });
    clock.advance(200);
    await outcome;
    expect(isAborted).toBe(true);
    expect(transport.pool).toMatchObject({ connecting: 0, waiting: 0 });
  });

  it('closes an idle session for another origin when connections are limited', async () => {
    server = await startH2c((stream) => answer(stream));
    open(systemClock, { maxConnections: 1 });
    const other = await startH2c((stream) => answer(stream));
    for (const { url } of [server, other, server]) {
      expect((await transport.send(makeRequest(url))).status).toBe(200);
      expect(transport.pool.open).toBe(1);
    }
    await other.close();
  });
});

describe('signal', () => {
  it('resets the stream of a request that is aborted', async () => {
    let code: number | undefined;
    const request = await serve((stream) => stream.on('close', () => (code = stream.rstCode)));
    const controller = new AbortController();
    const sending = transport.send(request({ signal: controller.signal }));
    const outcome = expect(sending).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' });
    await until(() => transport.pool.active === 1 && server.sessions.length === 1);
    controller.abort('enough');
    await outcome;
    await until(() => transport.pool.active === 0);
    expect(code === undefined || code === constants.NGHTTP2_CANCEL).toBe(true);
  });

  it('rejects at once when it was aborted before', async () => {
    const request = await serve(() => {});
    const sending = transport.send(request({ signal: AbortSignal.abort() }));
    await expect(sending).rejects.toMatchObject({ code: 'ABORTED' });
    expect(transport.pool.opened).toBe(0);
  });
});

describe('a session that ends', () => {
  it('is replaced after GOAWAY, and finishes what it had begun', async () => {
    const streams: ServerHttp2Stream[] = [];
    const request = await serve((stream) => {
      streams.push(stream);
      if (streams.length > 1) answer(stream, 'second');
    });
    const begun = transport.send(request());
    await until(() => streams.length === 1);
    server.sessions[0]!.goaway(constants.NGHTTP2_NO_ERROR, streams[0]!.id);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(wholeText((await transport.send(request())).body)).toBe('second');
    answer(streams[0]!, 'first');
    expect(wholeText((await begun).body)).toBe('first');
    expect(server.sessions).toHaveLength(2);
  });

  it('sends again, once, what GOAWAY says was not processed, whatever its method', async () => {
    let streams = 0;
    const request = await serve((stream) => {
      streams += 1;
      if (streams === 2) stream.session!.goaway(constants.NGHTTP2_NO_ERROR, 1);
      else answer(stream, 'again');
    });
    await transport.send(request());
    const body = wholeBody('pay');
    const response = await transport.send(request({ method: 'POST', body }));
    expect(wholeText(response.body)).toBe('again');
    expect(server.sessions).toHaveLength(2);
  });

  it('sends again, once, a stream that was refused', async () => {
    let streams = 0;
    const request = await serve((stream) => {
      streams += 1;
      if (streams === 1) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else answer(stream);
    });
    expect((await transport.send(request({ method: 'POST' }))).status).toBe(200);
    expect(streams).toBe(2);
  });

  it('does not send a third time', async () => {
    let streams = 0;
    const request = await serve((stream) => {
      streams += 1;
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
    await expect(transport.send(request())).rejects.toMatchObject({ code: 'RESET', phase: 'head' });
    expect(streams).toBe(2);
  });

  it('does not send again a body that cannot be had again', async () => {
    let streams = 0;
    const request = await serve((stream) => {
      streams += 1;
      stream.once('data', () => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    });
    const body = streamedBody([Buffer.from('once')]);
    const sending = transport.send(request({ method: 'POST', body }));
    await expect(sending).rejects.toMatchObject({ code: 'RESET' });
    expect(streams).toBe(1);
  });

  it('is replaced when the server closed it while it idled', async () => {
    const request = await serve((stream) => answer(stream));
    await transport.send(request());
    server.sessions[0]!.destroy();
    await until(() => transport.pool.open === 0);
    expect((await transport.send(request())).status).toBe(200);
    expect(server.sessions).toHaveLength(2);
  });

  it('fails with CLOSED_EARLY when the connection is lost before the answer', async () => {
    const request = await serve(() => {
      server.sockets[0]!.destroy();
    });
    await expect(transport.send(request())).rejects.toMatchObject({
      name: 'ReadError',
      phase: 'head',
    });
  });

  it('fails as a broken rule when what comes is not HTTP/2', async () => {
    server = await startH2c(() => {});
    const garbling = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
    });
    garbling.listen(0, '127.0.0.1');
    await once(garbling, 'listening');
    open();
    const { port } = garbling.address() as AddressInfo;
    await expect(transport.send(makeRequest(`http://127.0.0.1:${port}`))).rejects.toMatchObject({
      name: 'RemoteProtocolError',
      code: 'HTTP2_PROTOCOL_ERROR',
    });
    garbling.close();
  });

  it.each([
    [
      'PROTOCOL_ERROR',
      constants.NGHTTP2_PROTOCOL_ERROR,
      'RemoteProtocolError',
      'HTTP2_PROTOCOL_ERROR',
    ],
    ['INTERNAL_ERROR', constants.NGHTTP2_INTERNAL_ERROR, 'ReadError', 'RESET'],
    ['ENHANCE_YOUR_CALM', constants.NGHTTP2_ENHANCE_YOUR_CALM, 'ReadError', 'RESET'],
    ['CANCEL', constants.NGHTTP2_CANCEL, 'ReadError', 'RESET'],
  ])('tells what a stream was reset with: %s', async (text, code, name, expected) => {
    const request = await serve((stream) => stream.close(code));
    const sending = transport.send(request());
    await expect(sending).rejects.toMatchObject({ name, code: expected });
    await expect(sending).rejects.toThrowError(text);
  });

  it('closes when it has idled longer than keepAliveExpiry', async () => {
    server = await startH2c((stream) => answer(stream));
    const clock = new FakeClock();
    open(clock);
    await transport.send(makeRequest(server.url));
    await until(() => transport.pool.idle === 1);
    clock.advance(3_999);
    expect(transport.pool.open).toBe(1);
    clock.advance(1);
    await until(() => transport.pool.open === 0);
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
  });
});

describe('new Http2Transport().close', () => {
  it('ends requests under way and refuses later ones', async () => {
    const request = await serve(() => {});
    const sending = transport.send(request());
    const outcome = expect(sending).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    await until(() => transport.pool.active === 1);
    await transport.close();
    await outcome;
    await expect(transport.send(request())).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });
});
