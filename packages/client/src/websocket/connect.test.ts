import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { encodeUpgradeResponse, answerUpgrade, FrameEncoder } from '@needletail/wire/websocket';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  AbortedError,
  ConnectError,
  InvalidRequestError,
  InvalidUrlError,
  WebSocketError,
} from '../errors.ts';
import { connectWebSocket } from './connect.ts';
import {
  accepting,
  echo,
  rejection,
  scriptedNetwork,
  settle,
  startEchoServer,
  type Answer,
} from './websocket-setup.fixture.ts';

const URL_TEXT = 'ws://example.test/chat?room=1';

describe('connectWebSocket', () => {
  it('sends the handshake with subprotocols, headers, origin and what the way needs', async () => {
    const { connector, peers } = scriptedNetwork((request) =>
      encodeUpgradeResponse(
        answerUpgrade({ method: request.method, upgrade: true }, request.fields, {
          chooseProtocol: () => 'v1',
        }),
        [['X-Server', 'yes']],
      ),
    );
    const socket = await connectWebSocket('ws://user:p%40ss@example.test:8080/chat?room=1', {
      connector,
      protocols: ['v2', 'v1'],
      headers: { Cookie: 'a=b', 'X-Own': '1' },
      origin: 'https://page.test',
    });
    const { fields, target } = peers[0]!.request!;
    expect(target).toBe('/chat?room=1');
    expect(fields.get('host')).toBe('example.test:8080');
    expect(fields.get('authorization')).toBe(
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    );
    expect([fields.get('cookie'), fields.get('x-own'), fields.get('origin')]).toEqual([
      'a=b',
      '1',
      'https://page.test',
    ]);
    expect(fields.get('sec-websocket-extensions')).toBeNull();
    expect(socket.subprotocol).toBe('v1');
    expect(socket.headers.get('x-server')).toBe('yes');
    expect(socket.url).toBe('http://example.test:8080/chat?room=1');
    socket.abort();
  });

  it('delivers messages that came in the same read as the answer', async () => {
    const answer: Answer = (request) => {
      const frames: Uint8Array[] = [];
      const encoder = new FrameEncoder('server');
      encoder.text('early');
      encoder.ping();
      encoder.flush({ write: (data) => frames.push(data) > 0, writeAll: () => false });
      return Buffer.concat([
        Buffer.from(accepting(request, peers[0]!) as string, 'latin1'),
        ...frames,
      ]);
    };
    const { connector, peers } = scriptedNetwork(answer);
    const socket = await connectWebSocket(URL_TEXT, { connector });
    expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: 'early' });
    await settle();
    expect(peers[0]!.events).toEqual(['pong ']);
    socket.abort();
  });

  it('rejects with status and body when the server refuses', async () => {
    const body = 'wrong path: é';
    const { connector, peers } = scriptedNetwork(
      () =>
        `HTTP/1.1 404 Not Found\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n` +
        Buffer.from(body).toString('latin1'),
    );
    const error = await rejection(connectWebSocket(URL_TEXT, { connector }), WebSocketError);
    expect(error).toMatchObject({
      code: 'HANDSHAKE_REFUSED',
      status: 404,
      bodyExcerpt: body,
      phase: 'websocket',
    });
    expect(error.message).toMatch(
      /^Handshake refused: .*404.* \(http:\/\/example.test\/chat\?room=1\)\. .*\.$/,
    );
    await settle();
    expect(peers[0]!.isClosed || peers[0]!.hasEnded).toBe(true);
  });

  it('keeps the first kilobyte of a long refusal, and takes one that ends with the connection', async () => {
    const long = scriptedNetwork(
      () => `HTTP/1.1 503 Busy\r\nContent-Length: 999999\r\n\r\n${'x'.repeat(5000)}`,
    );
    const cut = await rejection(
      connectWebSocket(URL_TEXT, { connector: long.connector }),
      WebSocketError,
    );
    expect(cut.bodyExcerpt).toBe('x'.repeat(1024));
    const open = scriptedNetwork((_request, peer) => {
      setImmediate(() => peer.link.end());
      return 'HTTP/1.1 400 Bad\r\n\r\nno';
    });
    const error = await rejection(
      connectWebSocket(URL_TEXT, { connector: open.connector }),
      WebSocketError,
    );
    expect(error).toMatchObject({ status: 400, bodyExcerpt: 'no' });
  });

  it.each([
    ['a 200', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'HANDSHAKE_REFUSED'],
    [
      'the wrong accept',
      'HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n',
      'INVALID_ACCEPT',
    ],
    ['no Upgrade', 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\n\r\n', 'NOT_AN_UPGRADE'],
    ['what is not HTTP', 'SSH-2.0-OpenSSH_9\r\n', 'INVALID_STATUS_LINE'],
    ['a head without end', `HTTP/1.1 101 X\r\n${'A: b\r\n'.repeat(300)}`, 'LIMIT_EXCEEDED'],
  ])('refuses %s', async (_what, answer, code) => {
    const { connector } = scriptedNetwork(() => answer);
    const error = await rejection(connectWebSocket(URL_TEXT, { connector }), WebSocketError);
    expect(error.code).toBe(code);
  });

  it('refuses a subprotocol and an extension that were not offered', async () => {
    for (const [extra, code] of [
      [['Sec-WebSocket-Protocol', 'x'], 'INVALID_SUBPROTOCOL'],
      [['Sec-WebSocket-Extensions', 'permessage-deflate'], 'INVALID_EXTENSIONS'],
    ] as const) {
      const { connector } = scriptedNetwork((request) =>
        encodeUpgradeResponse(answerUpgrade({ method: 'GET', upgrade: true }, request.fields), [
          extra,
        ]),
      );
      const error = await rejection(connectWebSocket(URL_TEXT, { connector }), WebSocketError);
      expect(error.code).toBe(code);
    }
  });

  it('gives up after handshakeTimeoutMs, connecting included', async () => {
    const clock = new FakeClock();
    const { connector, peers } = scriptedNetwork(() => null);
    const opening = rejection(
      connectWebSocket(URL_TEXT, { connector, clock, handshakeTimeoutMs: 300 }),
      WebSocketError,
    );
    await settle();
    clock.advance(300);
    expect((await opening).code).toBe('HANDSHAKE_TIMEOUT');
    await settle();
    expect(peers[0]!.isClosed || peers[0]!.hasEnded).toBe(true);
    const never = { ...connector, connectorFor: () => new Promise<never>(() => {}) };
    const stuck = rejection(
      connectWebSocket(URL_TEXT, { connector: never, clock, handshakeTimeoutMs: 300 }),
      WebSocketError,
    );
    clock.advance(300);
    expect((await stuck).code).toBe('HANDSHAKE_TIMEOUT');
    expect(clock.pendingTimers).toBe(0);
  });

  it('is given up by its signal: before, during the handshake, and once open', async () => {
    const reason = new Error('enough');
    const before = connectWebSocket(URL_TEXT, { signal: AbortSignal.abort(reason) });
    expect((await rejection(before, AbortedError)).cause).toBe(reason);
    const silent = scriptedNetwork(() => null);
    const during = new AbortController();
    const opening = rejection(
      connectWebSocket(URL_TEXT, { connector: silent.connector, signal: during.signal }),
      AbortedError,
    );
    await settle();
    during.abort(reason);
    expect((await opening).cause).toBe(reason);
    const { connector } = scriptedNetwork();
    const later = new AbortController();
    const socket = await connectWebSocket(URL_TEXT, { connector, signal: later.signal });
    const reading = rejection(socket[Symbol.asyncIterator]().next(), AbortedError);
    later.abort(reason);
    expect((await reading).cause).toBe(reason);
    expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false });
  });

  it('says when the connection cannot be had, or is lost during the handshake', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const refused = await rejection(connectWebSocket(`ws://127.0.0.1:${port}`), ConnectError);
    expect(refused.code).toBe('REFUSED');
    const { connector } = scriptedNetwork((_request, peer) => {
      peer.link.destroy(new Error('gone'));
      return null;
    });
    const lost = await rejection(connectWebSocket(URL_TEXT, { connector }), WebSocketError);
    expect(lost.code).toBe('ABNORMAL_CLOSE');
  });

  it('refuses what cannot be sent before anything is', async () => {
    await rejection(connectWebSocket('ws://a/#x'), InvalidUrlError);
    await rejection(connectWebSocket('ftp://a/'), InvalidUrlError);
    await rejection(connectWebSocket('ws://a/', { protocols: ['a b'] }), InvalidRequestError);
    await rejection(
      connectWebSocket('ws://a/', { headers: { 'Sec-WebSocket-Key': 'x' } }),
      InvalidRequestError,
    );
    await rejection(
      connectWebSocket('ws://a/', { headers: { 'X-A': 'b\r\nc' } }),
      InvalidRequestError,
    );
  });

  it('speaks wss with the certificates it is told to trust', async () => {
    const certificate = selfSignedCertificate();
    const https = createTlsServer(certificate);
    const server = new WebSocketServer({ server: https });
    server.on('connection', echo);
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
    const { port } = https.address() as AddressInfo;
    const socket = await connectWebSocket(`wss://localhost:${port}/`, {
      tls: { ca: certificate.cert },
    });
    const text = 'x'.repeat(300_000);
    socket.send(text);
    expect((await socket[Symbol.asyncIterator]().next()).value).toBe(text);
    expect((await socket.close()).wasClean).toBe(true);
    server.close();
    await new Promise((resolve) => https.close(resolve));
  });

  it('leaves nothing behind', async () => {
    const leaks = startLeakCheck();
    const echoServer = await startEchoServer();
    for (let count = 0; count < 5; count += 1) {
      const socket = await connectWebSocket(echoServer.url, { pingIntervalMs: 60_000 });
      socket.send('x');
      await socket[Symbol.asyncIterator]().next();
      if (count % 2 === 0) await socket.close();
      else socket.abort();
    }
    await echoServer.close();
    expect(await leaks.leaked()).toEqual(new Map());
  });
});
