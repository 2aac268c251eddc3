import { getEventListeners } from 'node:events';
import { startFaultyServer, type FaultyServer } from '@needletail/testkit/faulty-server';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { describe, expect, it } from 'vitest';
import { closing } from './closing.fixture.ts';
import { open, scripted } from './wire-scene.fixture.ts';
import { makeRequest } from '../model/client-request.fixture.ts';
import {
  AbortedError,
  ClosedError,
  ConnectError,
  DecodingError,
  InvalidRequestError,
  ReadError,
  RemoteProtocolError,
} from '../errors.ts';
import { HeaderList } from '../model/header-list.ts';
import type { ResponseBody } from '../body/response-body.ts';
import type { TransportResponse } from './transport.ts';
import { answering, HELLO_ANSWER, transportTo, until } from './wire-setup.fixture.ts';
import { wholeText } from './test-request.fixture.ts';

async function faulty(): Promise<FaultyServer> {
  return closing(await startFaultyServer());
}

async function read(body: TransportResponse['body']): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString();
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('WireTransport.send', () => {
  it('gives status, reason, fields in their order, and the body as a Buffer of its size', async () => {
    const server = await scripted(
      answering('HTTP/1.1 201 Made it\r\nB: 2\r\nA: 1\r\na: 3\r\nContent-Length: 5\r\n\r\nhello'),
    );
    const response = await open().send(makeRequest(`${server.url}/x`));
    expect(response).toMatchObject({ status: 201, reason: 'Made it', httpVersion: '1.1' });
    expect([...response.headers]).toEqual([
      ['B', '2'],
      ['A', '1'],
      ['a', '3'],
      ['Content-Length', '5'],
    ]);
    expect(response.body).toEqual(Buffer.from('hello'));
    expect(response.interim).toEqual([]);
    expect(response.trailers).toBeNull();
  });

  it('writes Host first, then the headers as given, and no framing for a GET', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const headers = new HeaderList([
      ['X-One', '1'],
      ['aCCept', '*/*'],
    ]);
    await open().send(makeRequest(`${server.url}/a?b=c`, { headers }));
    expect(server.connections[0]!.text).toBe(
      `GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-One: 1\r\naCCept: */*\r\n\r\n`,
    );
  });

  it('lets a header replace Host, in the place of Host', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const headers = new HeaderList([
      ['x', '1'],
      ['host', 'other.example'],
    ]);
    await open().send(makeRequest(server.url, { headers }));
    expect(server.connections[0]!.text).toBe(
      'GET / HTTP/1.1\r\nHost: other.example\r\nx: 1\r\n\r\n',
    );
  });

  it.each([
    ['Content-Length', '5'],
    ['transfer-encoding', 'chunked'],
    ['Connection', 'close'],
    ['Upgrade', 'h2c'],
    ['keep-alive', 'timeout=5'],
    ['x-split', 'a\r\nb: c'],
    ['x-wide', '\u010d\u010a'],
    ['bad name', 'x'],
  ])('refuses the header %s: %j before anything is sent', async (name, value) => {
    const server = await scripted(answering(HELLO_ANSWER));
    const headers = new HeaderList([[name, value]]);
    const sent = open().send(makeRequest(server.url, { headers }));
    await expect(sent).rejects.toThrowError(InvalidRequestError);
    await expect(sent).rejects.toMatchObject({ code: 'INVALID_HEADER' });
    expect(server.connections).toHaveLength(0);
  });

  it('refuses CONNECT and a method that is no token', async () => {
    const transport = open();
    for (const method of ['CONNECT', 'GET / HTTP/1.1\r\nx: y']) {
      await expect(
        transport.send(makeRequest('http://127.0.0.1:1', { method })),
      ).rejects.toMatchObject({ name: 'InvalidRequestError', code: 'INVALID_OPTION' });
    }
  });

  it('ends the answer to HEAD, 204 and 304 at the head and keeps the connection', async () => {
    const answers = [
      'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n',
    ];
    const server = await scripted(answering((_, number) => answers[number - 1]!));
    const transport = open();
    for (const method of ['HEAD', 'GET', 'GET']) {
      const response = await transport.send(makeRequest(server.url, { method }));
      expect(response.body).toHaveLength(0);
    }
    expect(server.connections).toHaveLength(1);
  });

  it.each([0, 1, 65_535, 65_536, 1_048_576, 5_000_000])(
    'reads a body of %i bytes',
    async (size) => {
      const server = await faulty();
      const { body } = await open().send(makeRequest(`${server.url}/size/${size}`));
      expect(body).toHaveLength(size);
      expect((body as Buffer).every((byte) => byte === 0x78)).toBe(true);
    },
  );

  it('reads chunks and trailers, and keeps the connection', async () => {
    const server = await faulty();
    const transport = open();
    const response = await transport.send(makeRequest(`${server.url}/chunk-trailers`));
    expect(wholeText(response.body)).toBe('hello');
    expect(response.trailers?.get('x-sum')).toBe('5');
    expect(wholeText((await transport.send(makeRequest(`${server.url}/chunked`))).body)).toBe(
      'hello, world',
    );
    expect(server.connections).toBe(1);
  });

  it('reads a body that ends with the connection, and one that comes byte by byte', async () => {
    const server = await faulty();
    const transport = open();
    expect(wholeText((await transport.send(makeRequest(`${server.url}/until-close`))).body)).toBe(
      'hello, world\n',
    );
    expect(wholeText((await transport.send(makeRequest(`${server.url}/split`))).body)).toBe(
      'hello, world\n',
    );
  });

  it('shows 103 in interim, not 100', async () => {
    const server = await faulty();
    const transport = open();
    const hinted = await transport.send(makeRequest(`${server.url}/103`));
    expect(hinted.interim.map(({ status, headers }) => [status, headers.get('link')])).toEqual([
      [103, '</a.css>'],
    ]);
    const plain = await transport.send(makeRequest(`${server.url}/100-continue`));
    expect(plain.interim).toEqual([]);
  });

  it('refuses a flood of interim responses', async () => {
    const server = await scripted(answering('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(17)));
    await expect(open().send(makeRequest(server.url))).rejects.toMatchObject({
      name: 'RemoteProtocolError',
      code: 'LIMIT_EXCEEDED',
    });
  });

  it.each([
    ['truncate', 'CLOSED_EARLY', 'body'],
    ['truncate-chunked', 'CLOSED_EARLY', 'body'],
    ['close', 'CLOSED_EARLY', 'head'],
    ['rst', 'RESET', 'head'],
  ])('never takes /%s for an answer', async (path, code, phase) => {
    const server = await faulty();
    const sent = open().send(makeRequest(`${server.url}/${path}`));
    await expect(sent).rejects.toThrowError(ReadError);
    await expect(sent).rejects.toMatchObject({ code, phase, method: 'GET' });
  });

  it.each(['garbage', 'bad-chunk', 'duplicate-cl', 'te-and-cl', 'endless-headers'])(
    'refuses /%s with the code of the rule, and drops the connection',
    async (path) => {
      const server = await faulty();
      const transport = open();
      const sent = transport.send(makeRequest(`${server.url}/${path}`));
      await expect(sent).rejects.toThrowError(RemoteProtocolError);
      await expect(sent).rejects.toMatchObject({
        cause: { name: expect.stringMatching(/Error$/) },
      });
      expect(transport.pool.open).toBe(0);
    },
  );

  it('refuses 101, for which nobody asked', async () => {
    const server = await scripted(
      answering('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    );
    await expect(open().send(makeRequest(server.url))).rejects.toMatchObject({
      code: 'UNEXPECTED_SWITCH',
    });
  });

  it('keeps a response that junk follows, and not its connection', async () => {
    const server = await faulty();
    const transport = open();
    for (let round = 0; round < 3; round += 1) {
      const response = await transport.send(makeRequest(`${server.url}/lie-long`));
      expect(wholeText(response.body)).toBe('hello, world\n');
    }
    expect(server.connections).toBe(3);
  });

  it.each([
    ['announced', 'HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n'],
    ['in chunks', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n${'x'.repeat(101)}`],
    ['until close', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(101)}`],
  ])('refuses a body larger than maxBodyBytes, %s', async (_, answer) => {
    const server = await scripted(answering(answer));
    const transport = open();
    const sent = transport.send(makeRequest(server.url, { maxBodyBytes: 100 }));
    await expect(sent).rejects.toThrowError(DecodingError);
    await expect(sent).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(transport.pool.open).toBe(0);
  });

  it('says what kept it from connecting', async () => {
    const server = await scripted(() => {});
    await server.close();
    const sent = open().send(makeRequest(server.url));
    await expect(sent).rejects.toThrowError(ConnectError);
    await expect(sent).rejects.toMatchObject({ code: 'REFUSED', phase: 'connect' });
  });

  it('passes on what its source of connectors throws', async () => {
    const transport = transportTo({ connect: () => Promise.reject(new Error('no way there')) });
    await expect(transport.send(makeRequest('http://nowhere.test'))).rejects.toMatchObject({
      name: 'ConnectError',
      message: expect.stringContaining('no way there'),
    });
  });
});

describe('WireTransport.send, streaming', () => {
  it('resolves at the head and carries the body as it comes', async () => {
    const server = await scripted(answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'));
    const response = await open().send(makeRequest(server.url, { isStreaming: true }));
    const reader = (response.body as ResponseBody)[Symbol.asyncIterator]();
    expect(String((await reader.next()).value)).toBe('hello');
    server.connections[0]!.socket.write('world');
    expect(String((await reader.next()).value)).toBe('world');
    expect((await reader.next()).done).toBe(true);
  });

  it('tells trailers when the body has ended', async () => {
    const server = await scripted(
      answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
    );
    const response = await open().send(makeRequest(server.url, { isStreaming: true }));
    expect(response.trailers).toBeNull();
    server.connections[0]!.socket.write('0\r\nX-Sum: 1\r\n\r\n');
    expect(await read(response.body)).toBe('hello');
    expect(response.trailers?.get('x-sum')).toBe('1');
  });

  it('ends the body when all of it came with the head, in chunks', async () => {
    const server = await faulty();
    const response = await open().send(makeRequest(`${server.url}/chunked`, { isStreaming: true }));
    expect(await read(response.body)).toBe('hello, world');
  });

  it('holds a fast server back while its reader is slow, and loses nothing', async () => {
    const server = await faulty();
    const size = 20_000_000;
    const request = makeRequest(`${server.url}/size/${size}`, {
      isStreaming: true,
      maxBodyBytes: Infinity,
    });
    const { body } = await open().send(request);
    await new Promise((resolve) => void setTimeout(resolve, 50));
    let receivedBytes = 0;
    for await (const piece of body as ResponseBody) receivedBytes += piece.length;
    expect(receivedBytes).toBe(size);
  });

  it('fails the body when the connection is lost in the middle', async () => {
    const server = await faulty();
    const { body } = await open().send(
      makeRequest(`${server.url}/truncate`, { isStreaming: true }),
    );
    await expect(read(body)).rejects.toMatchObject({ name: 'ReadError', code: 'CLOSED_EARLY' });
  });

  it('keeps the connection when little is left of a body given up, drops it when much is', async () => {
    const server = await scripted(
      answering((_, number) =>
        number === 1
          ? 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'
          : 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello',
      ),
    );
    const transport = open();
    const first = await transport.send(makeRequest(server.url, { isStreaming: true }));
    (first.body as ResponseBody).cancel();
    server.connections[0]!.socket.write('world');
    await until(() => transport.pool.idle === 1);
    const second = await transport.send(makeRequest(server.url, { isStreaming: true }));
    expect(server.connections).toHaveLength(1);
    (second.body as ResponseBody).cancel();
    expect(transport.pool.open).toBe(0);
  });
});

describe('WireTransport.send, aborted', () => {
  it('rejects at once when the signal already is', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const signal = AbortSignal.abort('why not');
    const sent = open().send(makeRequest(server.url, { signal }));
    await expect(sent).rejects.toMatchObject({ name: 'AbortError', cause: 'why not' });
    expect(server.connections).toHaveLength(0);
  });

  it('leaves the line, and whoever is next is served', async () => {
    const server = await scripted(answering((_, number) => (number === 1 ? null : HELLO_ANSWER)));
    const transport = open({ limits: { maxConnections: 1 } });
    const held = transport.send(makeRequest(server.url));
    await until(() => server.connections.length === 1 && server.connections[0]!.text !== '');
    const controller = new AbortController();
    const gone = transport.send(makeRequest(server.url, { signal: controller.signal }));
    const next = transport.send(makeRequest(server.url));
    await until(() => transport.pool.waiting === 2);
    controller.abort();
    await expect(gone).rejects.toThrowError(AbortedError);
    expect(transport.pool.waiting).toBe(1);
    server.connections[0]!.socket.write(HELLO_ANSWER);
    expect((await held).status).toBe(200);
    expect((await next).status).toBe(200);
  });

  it('gives up connecting', async () => {
    const transport = transportTo({ connect: () => new Promise(() => {}) });
    const controller = new AbortController();
    const sent = transport.send(makeRequest('http://slow.test', { signal: controller.signal }));
    await until(() => transport.pool.connecting === 1);
    controller.abort();
    await expect(sent).rejects.toThrowError(AbortedError);
    expect(transport.pool.connecting).toBe(0);
  });

  it.each([false, true])(
    'drops the connection while reading (streaming: %s)',
    async (isStreaming) => {
      const server = await scripted(
        answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'),
      );
      const transport = open();
      const controller = new AbortController();
      const sent = transport.send(
        makeRequest(server.url, { isStreaming, signal: controller.signal }),
      );
      await until(() => server.connections.length === 1 && server.connections[0]!.text !== '');
      const outcome = isStreaming ? sent.then(({ body }) => read(body)) : sent;
      if (isStreaming) await sent;
      controller.abort();
      await expect(outcome).rejects.toThrowError(AbortedError);
      expect(transport.pool.open).toBe(0);
    },
  );

  it('listens to a signal no longer than the request takes', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const { signal } = new AbortController();
    const listeners = (): number => getEventListeners(signal, 'abort').length;
    const transport = open();
    const sent = transport.send(makeRequest(server.url, { signal }));
    expect(listeners()).toBe(1);
    await sent;
    expect(listeners()).toBe(0);
  });
});

describe('WireTransport.close', () => {
  it('rejects what is under way and what comes later, and leaves nothing behind', async () => {
    const server = await scripted(() => {});
    const leaks = startLeakCheck();
    const transport = transportTo({ limits: { maxConnections: 1 } });
    const sent = [1, 2].map(() => transport.send(makeRequest(server.url)));
    await until(() => server.connections.length === 1);
    await transport.close();
    for (const one of sent) await expect(one).rejects.toThrowError(ClosedError);
    await expect(transport.send(makeRequest(server.url))).rejects.toThrowError(ClosedError);
    await transport.close();
    expect(await leaks.leaked()).toEqual(new Map());
  });

  it('need not be called for the process to end: idle connections do not hold it', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const held = (): number =>
      process.getActiveResourcesInfo().filter((name) => name.startsWith('TCPSocket')).length;
    const transport = open();
    await transport.send(makeRequest(server.url));
    await until(() => transport.pool.idle === 1);
    await new Promise((resolve) => void setImmediate(resolve));
    // The server's end of the connection is one; the client's is not counted.
    expect(held()).toBe(1);
  });
});
