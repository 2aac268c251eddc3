import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { ServerRequest } from '../listen/exchange.ts';
import { webSocketEndpoint } from './accept-websocket.ts';
import { handshake, RawSocket, text } from './raw-socket.fixture.ts';
import { echo, messages, SocketTestServer } from './socket-test-server.fixture.ts';
import { refuseUpgrade } from './upgrade-refusal.ts';

const server = new SocketTestServer();

const without = (field: string): string => handshake().replace(new RegExp(`${field}: .*\r\n`), '');

describe('acceptWebSocket', () => {
  it('answers with the key of RFC 6455 §1.3', async () => {
    await server.start({});
    const client = await server.raw();
    expect(client.head).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
    );
  });

  it('reads the frames that come along with the handshake', async () => {
    await server.start({ message: echo });
    const client = new RawSocket(server.listening.port);
    client.write(Buffer.concat([Buffer.from(handshake()), text('early'), text('bird')]));
    await client.until(() => client.events.length === 2);
    expect(client.events).toEqual(['text early', 'text bird']);
    client.terminate();
  });

  it('keeps frames that come while upgrade is under way', async () => {
    let admit: (() => void) | null = null;
    await server.start({
      upgrade: () => new Promise<string>((resolve) => (admit = () => resolve('me'))),
      message: (socket, message) => socket.send(`${socket.data} ${String(message)}`),
    });
    const client = new RawSocket(server.listening.port);
    client.write(Buffer.concat([Buffer.from(handshake()), text('one')]));
    await server.until(() => admit !== null);
    client.write(text('two'));
    admit!();
    await client.until(() => client.events.length === 2);
    expect(client.events).toEqual(['text me one', 'text me two']);
    client.terminate();
  });

  it('sends what open sends in one piece with the answer', async () => {
    await server.start({ open: (socket) => socket.send('welcome') });
    const client = await server.raw();
    expect(await client.next()).toBe('text welcome');
    expect(client.pieces).toBe(1);
  });

  it.each([
    ['a request that does not ask for it', without('Upgrade'), 426],
    ['another version', handshake().replace('Version: 13', 'Version: 8'), 426],
    ['no version', without('Sec-WebSocket-Version'), 426],
    ['another protocol', handshake().replace('Upgrade: websocket', 'Upgrade: h2c'), 426],
    ['no key', without('Sec-WebSocket-Key'), 400],
    ['a short key', handshake().replace('dGhlIHNhbXBsZSBub25jZQ==', 'c2hvcnQ='), 400],
    ['a method other than GET', handshake().replace('GET', 'PUT'), 400],
    ['a malformed list of protocols', handshake('Sec-WebSocket-Protocol: a,,b\r\n'), 400],
    ['a malformed list of extensions', handshake('Sec-WebSocket-Extensions: ;\r\n'), 400],
    ['no host', handshake().replace('Host: test\r\n', ''), 400],
  ])('refuses %s', async (_name, request, status) => {
    await server.start({});
    const answer = await server.answerTo(request);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    if (status !== 426) return;
    expect(answer).toContain('\r\nSec-WebSocket-Version: 13\r\n');
    expect(answer).toContain('\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n');
  });

  it('keeps the connection of a refused handshake', async () => {
    await server.start({ message: echo });
    const client = new RawSocket(server.listening.port);
    client.write(handshake().replace('Version: 13', 'Version: 8'));
    await client.answer();
    client.head = '';
    client.write(handshake());
    await client.until(() => client.head.startsWith('HTTP/1.1 101'));
    client.terminate();
  });

  it.each([
    ['an upgrade that returns a refusal', () => refuseUpgrade(401, 'log in first')],
    [
      'an upgrade that throws one',
      (): never => {
        throw refuseUpgrade(401, 'log in first');
      },
    ],
    ['an upgrade that resolves to one', () => Promise.resolve(refuseUpgrade(401, 'log in first'))],
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what a refusal is for
    ['an upgrade that rejects with one', () => Promise.reject(refuseUpgrade(401, 'log in first'))],
  ])('answers as told by %s', async (_name, upgrade) => {
    await server.start({ upgrade });
    const answer = await server.answerTo(handshake());
    expect(answer).toContain('HTTP/1.1 401 ');
    expect(answer).toMatch(/\r\n\r\nlog in first\n$/);
  });

  it('sends the fields of a refusal', async () => {
    await server.start({
      upgrade: () => refuseUpgrade(429, 'slow down', [['Retry-After', '5']]),
    });
    expect(await server.answerTo(handshake())).toContain('\r\nRetry-After: 5\r\n');
  });

  it('passes on what upgrade throws, unanswered', async () => {
    await server.start({
      upgrade: () => Promise.reject(new Error('database down')),
    });
    expect(await server.answerTo(`${handshake()}`)).toContain('HTTP/1.1 500 ');
    expect(server.errors.splice(0)).toEqual([new Error('database down')]);
  });

  it('has nothing to say to a client that leaves before it is let in', async () => {
    let admit: (() => void) | null = null;
    let opened = 0;
    await server.start({
      upgrade: () => new Promise<string>((resolve) => (admit = () => resolve('late'))),
      open: () => void (opened += 1),
    });
    const client = new RawSocket(server.listening.port);
    client.write(handshake());
    await server.until(() => admit !== null);
    client.socket.resetAndDestroy();
    await server.until(() => server.listening.connectionCount === 0);
    admit!();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(opened).toBe(0);
    expect(server.hub.socketCount).toBe(0);
  });

  it('refuses with 503 once the hub closes', async () => {
    await server.start({});
    await server.hub.closeAll();
    expect(await server.answerTo(handshake())).toContain('HTTP/1.1 503 ');
  });
});

describe('option protocols', () => {
  it('chooses the first of the client that is in the list', async () => {
    await server.start({
      protocols: ['v1', 'v2'],
      open: (socket) => socket.send(socket.protocol),
    });
    const client = new WebSocket(`ws://127.0.0.1:${server.listening.port}/`, ['v3', 'v2', 'v1']);
    const [first] = await messages(client, 1);
    expect([client.protocol, first]).toEqual(['v2', 'v2']);
    client.terminate();
  });

  it('chooses none when there is none in common, and lets in', async () => {
    await server.start({ protocols: ['v1'] });
    const client = await server.raw('Sec-WebSocket-Protocol: v9\r\n');
    expect(client.head).not.toContain('Sec-WebSocket-Protocol');
  });

  it('asks a function, with the context', async () => {
    await server.start({
      protocols: (offered, c: ServerRequest) => (c.target === '/' ? offered.at(-1)! : null),
    });
    const client = await server.connect({ protocols: ['a', 'b'] });
    expect(client.protocol).toBe('b');
  });
});

describe('option origins', () => {
  const from = (origin: string, host = 'example.com'): string =>
    handshake(`Origin: ${origin}\r\n`).replace('Host: test', `Host: ${host}`);
  const statusOf = async (request: string): Promise<number> => {
    const client = new RawSocket(server.listening.port);
    client.write(request);
    await client.until(() => client.head.includes('\r\n\r\n'));
    client.terminate();
    return Number(client.head.slice(9, 12));
  };

  it.each([
    ['http://example.com', 'example.com', 101],
    ['https://example.com', 'example.com', 101],
    ['https://example.com', 'example.com:443', 101],
    ['http://example.com:8080', 'example.com:8080', 101],
    ['https://EXAMPLE.com', 'example.COM', 101],
    ['https://example.com', 'example.com:8080', 403],
    ['https://evil.com', 'example.com', 403],
    ['https://example.com.evil.com', 'example.com', 403],
    ['https://evil.com/example.com', 'example.com', 403],
    ['null', 'example.com', 403],
    ['nonsense', 'example.com', 403],
    ['file://', 'example.com', 403],
  ])('same, as unset: %s to %s is %i', async (origin, host, status) => {
    await server.start({});
    expect(await statusOf(from(origin, host))).toBe(status);
  });

  it('lets in clients that are no browsers', async () => {
    await server.start({ origins: ['https://example.com'] });
    expect(await statusOf(handshake())).toBe(101);
  });

  it('any: lets all in', async () => {
    await server.start({ origins: 'any' });
    expect(await statusOf(from('https://evil.com'))).toBe(101);
  });

  it('a list: lets those in', async () => {
    await server.start({ origins: ['https://a.example', 'http://localhost:3000', 'null'] });
    expect(await statusOf(from('https://A.example'))).toBe(101);
    expect(await statusOf(from('http://localhost:3000'))).toBe(101);
    expect(await statusOf(from('null'))).toBe(101);
    expect(await statusOf(from('http://a.example'))).toBe(403);
    expect(await statusOf(from('http://example.com'))).toBe(403);
  });

  it('a function: asks it, with the context', async () => {
    await server.start({ origins: (origin, c: ServerRequest) => origin.endsWith(c.target) });
    expect(await statusOf(from('https://example.com/'))).toBe(101);
    expect(await statusOf(from('https://example.com'))).toBe(403);
  });

  it('asks upgrade only about those it lets in', async () => {
    let asked = 0;
    await server.start({ upgrade: () => void (asked += 1) });
    expect(await statusOf(from('https://evil.com'))).toBe(403);
    expect(asked).toBe(0);
  });
});

describe('webSocketEndpoint', () => {
  it.each([
    [{ maxMessageBytes: 0 }, 'maxMessageBytes'],
    [{ maxFragments: 1.5 }, 'maxFragments'],
    [{ maxPendingMessages: 0 }, 'maxPendingMessages'],
    [{ pingIntervalMs: -1 }, 'pingIntervalMs'],
    [{ pongTimeoutMs: Number.NaN }, 'pongTimeoutMs'],
    [{ backpressure: 'block' as 'wait' }, 'backpressure'],
    [{ deflate: { level: 10 } }, 'deflate.level'],
    [{ deflate: { maxWindowBits: 8 } }, 'deflate.maxWindowBits'],
    [{ origins: ['example.com'] }, 'origins'],
    [{ origins: ['https://example.com/path'] }, 'origins'],
  ])('refuses %j', async (options, where) => {
    await server.start({});
    const refused = (): unknown => webSocketEndpoint(options);
    expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(refused).toThrow(`(${where})`);
  });

  it('is told by ws that the connection is open', async () => {
    await server.start({ message: echo });
    const client = await server.connect();
    client.send('hello');
    const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean];
    expect([data.toString(), isBinary]).toEqual(['hello', false]);
  });
});
