import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { MemoryNetwork } from '@needletail/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closing } from './closing.fixture.ts';
import { open, scripted } from './wire-scene.fixture.ts';
import { makeRequest } from '../model/client-request.fixture.ts';
import { LocalProtocolError, WriteError } from '../errors.ts';
import type { TransferProgress } from '../model/client-request.ts';
import { streamedBody, transportTo, until, wholeBody } from './wire-setup.fixture.ts';
import { wholeText } from './test-request.fixture.ts';

/** Node's own server, which answers with the body it was sent. */
async function startEcho(
  onRequest: (request: IncomingMessage) => void = () => {},
): Promise<string> {
  const server: Server = createServer((request, response) => {
    onRequest(request);
    request.pipe(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closing({
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

describe('a request body', () => {
  it.each([
    ['ASCII text', 'hello'],
    ['text beyond ASCII', 'grüße, 世界 🌍'],
    ['nothing', ''],
    ['bytes', Buffer.from([0, 255, 13, 10, 128])],
    ['16 KiB of bytes', Buffer.alloc(16_384, 'a')],
    ['more than one write takes', Buffer.alloc(16_385, 'b')],
    ['long text beyond ASCII', 'ü'.repeat(100_000)],
    ['megabytes', Buffer.alloc(8_000_000, 'c')],
  ])('of %s arrives as it is, with its length', async (_, whole) => {
    const lengths: (string | undefined)[] = [];
    const url = await startEcho(({ headers }) => lengths.push(headers['content-length']));
    const body = wholeBody(whole);
    const response = await open().send(makeRequest(url, { method: 'POST', body }));
    expect((response.body as Buffer).equals(Buffer.from(whole as string))).toBe(true);
    expect(lengths).toEqual([String(body.length)]);
  });

  it('leaves in one write with its head when it is small', async () => {
    const reads: string[] = [];
    const server = await scripted(({ socket }, chunk) => {
      reads.push(chunk);
      socket.write(OK);
    });
    const body = wholeBody('{"a":1}');
    await open().send(makeRequest(server.url, { method: 'POST', body }));
    expect(reads).toEqual([
      `POST / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Length: 7\r\n\r\n{"a":1}`,
    ]);
  });

  it.each(['POST', 'PUT', 'PATCH'])(
    'says Content-Length: 0 for a %s without one',
    async (method) => {
      const server = await scripted(({ socket }) => void socket.write(OK));
      await open().send(makeRequest(server.url, { method }));
      expect(server.connections[0]!.text).toContain('\r\nContent-Length: 0\r\n\r\n');
    },
  );

  it('goes in chunks where its length is not known; empty pieces do not end it', async () => {
    const server = await scripted(({ socket, text }) => {
      if (text.endsWith('0\r\n\r\n')) socket.write(OK);
    });
    const pieces = [Buffer.from('hello'), Buffer.alloc(0), Buffer.from(', world')];
    const body = streamedBody(pieces);
    await open().send(makeRequest(server.url, { method: 'POST', body }));
    const [head, sent] = server.connections[0]!.text.split('\r\n\r\n5\r\n');
    expect(head).toMatch(/\r\nTransfer-Encoding: chunked$/);
    expect(sent).toBe('hello\r\n7\r\n, world\r\n0\r\n\r\n');
  });

  it('in any pieces arrives whole, with a length and without', async () => {
    const url = await startEcho();
    const transport = open();
    const pieces = fc.array(fc.uint8Array({ maxLength: 70_000 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), async (given, isSized) => {
        const all = Buffer.concat(given);
        const body = streamedBody(given, isSized ? all.length : null);
        const response = await transport.send(makeRequest(url, { method: 'POST', body }));
        expect((response.body as Buffer).equals(all)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('is pulled no faster than the server takes it', async () => {
    const server = await scripted(({ socket }) => void socket.pause());
    let pulled = 0;
    function* endless(): Generator<Uint8Array, void> {
      for (;;) {
        pulled += 1;
        yield Buffer.alloc(65_536);
      }
    }
    const transport = open();
    const sent = transport.send(
      makeRequest(server.url, { method: 'POST', body: streamedBody(endless()) }),
    );
    const outcome = expect(sent).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    let before = -1;
    while (before !== pulled) {
      before = pulled;
      await new Promise((resolve) => void setTimeout(resolve, 30));
    }
    expect(pulled).toBeGreaterThan(0);
    expect(pulled).toBeLessThan(500);
    await transport.close();
    await outcome;
  });

  it.each([
    ['shorter', [Buffer.from('1234')]],
    ['longer', [Buffer.from('1234'), Buffer.from('56')]],
  ])('%s than it said ends the request and the connection', async (_, pieces) => {
    const server = await scripted(() => {});
    const transport = open();
    const body = streamedBody(pieces, 5);
    const sent = transport.send(makeRequest(server.url, { method: 'POST', body }));
    await expect(sent).rejects.toThrowError(LocalProtocolError);
    await expect(sent).rejects.toMatchObject({ code: 'LENGTH_MISMATCH' });
    expect(transport.pool.open).toBe(0);
  });

  it('whose source throws ends the request with that as its cause', async () => {
    const server = await scripted(() => {});
    const transport = open();
    const cause = new Error('disk on fire');
    // eslint-disable-next-line require-yield
    async function* failing(): AsyncGenerator<Uint8Array, void> {
      yield Buffer.from('x');
      throw cause;
    }
    const body = streamedBody(failing());
    const sent = transport.send(makeRequest(server.url, { method: 'POST', body }));
    await expect(sent).rejects.toThrowError(WriteError);
    await expect(sent).rejects.toMatchObject({ code: 'WRITE_FAILED', cause });
    expect(transport.pool.open).toBe(0);
  });

  it('reports what has left', async () => {
    const url = await startEcho();
    const seen: TransferProgress[] = [];
    const onUploadProgress = (progress: TransferProgress): void => void seen.push(progress);
    const body = wholeBody(Buffer.alloc(150_000));
    await open().send(makeRequest(url, { method: 'POST', body, onUploadProgress }));
    expect(seen.map(({ transferredBytes }) => transferredBytes)).toEqual([
      65_536, 131_072, 150_000,
    ]);
    expect(new Set(seen.map(({ totalBytes }) => totalBytes))).toEqual(new Set([150_000]));
  });

  it('stops when the server refuses early; that connection is not used again', async () => {
    const server = await scripted((connection) => {
      if (!connection.text.includes('\r\n\r\n')) return;
      connection.socket.removeAllListeners('data');
      connection.socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
      connection.socket.resume();
    });
    let isReleased = false;
    async function* endless(): AsyncGenerator<Uint8Array, void> {
      try {
        for (;;) {
          await new Promise((resolve) => void setImmediate(resolve));
          yield Buffer.alloc(1000);
        }
      } finally {
        isReleased = true;
      }
    }
    const transport = open();
    const body = streamedBody(endless());
    const response = await transport.send(makeRequest(server.url, { method: 'POST', body }));
    expect([response.status, wholeText(response.body)]).toEqual([413, 'big']);
    await until(() => isReleased);
    expect(transport.pool.open).toBe(0);
  });

  it('goes on while a 2xx is already coming back', async () => {
    const url = await startEcho();
    const body = streamedBody(
      Array.from({ length: 40 }, (_, index) => Buffer.alloc(65_536, index)),
    );
    const response = await open().send(makeRequest(url, { method: 'POST', body }));
    expect(response.body).toHaveLength(40 * 65_536);
  });
});

describe('a request that expects 100 Continue', () => {
  const post = { method: 'POST', expectContinue: true };

  it('sends its body when asked to', async () => {
    const server = await scripted(({ socket, text }, chunk) => {
      if (text.endsWith('\r\n\r\n')) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      else if (chunk === 'hello') socket.write(OK);
    });
    const transport = open();
    const request = makeRequest(server.url, { ...post, body: wholeBody('hello') });
    expect((await transport.send(request)).status).toBe(200);
    expect(server.connections[0]!.text).toMatch(/\r\nExpect: 100-continue\r\n.*\r\n\r\nhello$/s);
    expect(transport.pool.idle).toBe(1);
  });

  it('sends its body after a second without an answer', async () => {
    const clock = new FakeClock();
    let text = '';
    const network = new MemoryNetwork((link) => {
      return {
        onOpen() {},
        onBytes(buffer, end) {
          text += buffer.toString('latin1', 0, end);
          if (text.endsWith('hello')) link.write(OK);
        },
        onDrain() {},
        onEnd: () => link.end(),
        onClose() {},
      };
    }, clock);
    const transport = transportTo({ clock, connect: () => network });
    const sent = transport.send(
      makeRequest('http://memory.test', { ...post, body: wholeBody('hello') }),
    );
    clock.advance(999);
    expect(text).toMatch(/\r\n\r\n$/);
    clock.advance(1);
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.resolve();
      clock.flush();
    }
    expect((await sent).status).toBe(200);
  });

  it('sends no body after a final answer', async () => {
    const server = await scripted(
      ({ socket }) => void socket.write('HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n'),
    );
    const transport = open();
    const request = makeRequest(server.url, { ...post, body: wholeBody('hello') });
    expect((await transport.send(request)).status).toBe(401);
    expect(server.connections[0]!.text).not.toContain('hello');
    expect(transport.pool.open).toBe(0);
  });

  it('is sent once more, without the expectation, after 417', async () => {
    const server = await scripted(({ socket, text }) => {
      if (text.includes('Expect:')) {
        socket.write('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n');
      } else if (text.endsWith('hello')) socket.write(OK);
    });
    const request = makeRequest(server.url, { ...post, body: wholeBody('hello') });
    expect((await open().send(request)).status).toBe(200);
    expect(server.connections).toHaveLength(2);
  });
});
