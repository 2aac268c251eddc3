import { once } from 'node:events';
import { FakeClock } from '@needletail/testkit/fake-clock';
import { frameBytes } from '@needletail/testkit/frame-bytes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { AbortedError, InvalidRequestError, WebSocketError } from '../errors.ts';
import { connectWebSocket } from './connect.ts';
import type { WebSocketMessage } from './message-inbox.ts';
import type { WebSocketConnection } from './websocket-connection.ts';
import type { WebSocketOptions } from './websocket-options.ts';
import {
  rejection,
  scriptedNetwork,
  settle,
  startEchoServer,
  type EchoServer,
  type ScriptedPeer,
} from './websocket-setup.fixture.ts';

const URL_TEXT = 'ws://example.test/';

async function open(
  options: WebSocketOptions = {},
): Promise<{ readonly socket: WebSocketConnection; readonly peer: ScriptedPeer }> {
  const { connector, peers } = scriptedNetwork();
  const socket = await connectWebSocket(URL_TEXT, { connector, ...options });
  return { socket, peer: peers[0]! };
}

async function take(socket: WebSocketConnection, count: number): Promise<WebSocketMessage[]> {
  const messages: WebSocketMessage[] = [];
  if (count === 0) return messages;
  for await (const message of socket) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

describe('WebSocketConnection against ws', () => {
  let server: EchoServer;
  beforeAll(async () => {
    server = await startEchoServer({ perMessageDeflate: true, maxPayload: 16 * 1024 * 1024 });
  });
  afterAll(() => server.close());

  it.each([
    ['plain', false],
    ['compressed', { thresholdBytes: 0 }],
    ['compressed with context', { contextTakeover: true, thresholdBytes: 0 }],
    ['compressed in small windows', { contextTakeover: true, maxWindowBits: 9, thresholdBytes: 0 }],
  ] as const)('echoes every size and kind, %s', async (_what, compression) => {
    const socket = await connectWebSocket(server.url, { compression });
    expect(socket.extensions !== '').toBe(compression !== false);
    const sizes = [0, 1, 125, 126, 127, 200, 1000, 10_000, 65_535, 65_536, 100_000, 500_000];
    const texts = [
      '日本語',
      '😀👩‍👩‍👧',
      'שלום עולם',
      'مرحبا',
      '\u0000\n\t"\\',
      '\ufeff',
      '{invalid json}',
      '{"a":"ü"}',
    ];
    const sent = [
      ...sizes.map((size) => Buffer.alloc(size, 'abc')),
      ...sizes.map((size) => 'xyz'.repeat(size / 3)),
      ...texts,
    ];
    for (const message of sent) socket.send(message);
    const received = await take(socket, sent.length);
    expect(received.every((message, index) => isSame(message, sent[index]!))).toBe(true);
    expect(await socket.close()).toEqual({ code: 1000, reason: '', wasClean: true, error: null });
  });

  it('answers a burst of 100 in order, and 10,000 of them', async () => {
    const socket = await connectWebSocket(server.url);
    for (const count of [100, 10_000]) {
      for (let index = 0; index < count; index += 1) socket.send(`message ${index}`);
      const received = await take(socket, count);
      expect(received).toEqual(Array.from({ length: count }, (_, index) => `message ${index}`));
    }
    await socket.close();
  });

  it('loses nothing between many connections', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 10 }, () => connectWebSocket(server.url)),
    );
    await Promise.all(
      sockets.map(async (socket, who) => {
        for (let index = 0; index < 50; index += 1) socket.send(`${who}:${index}`);
        const received = await take(socket, 50);
        expect(received).toEqual(Array.from({ length: 50 }, (_, index) => `${who}:${index}`));
        await socket.close();
      }),
    );
  });

  it('connects again five times, and after five abrupt ends', async () => {
    for (let count = 0; count < 5; count += 1) {
      (await connectWebSocket(server.url)).abort();
      const socket = await connectWebSocket(server.url);
      socket.send('still there?');
      expect(await take(socket, 1)).toEqual(['still there?']);
      await socket.close();
    }
  });

  it('answers pings and gets pongs', async () => {
    const connected = once(server.server, 'connection') as Promise<[WebSocket]>;
    const socket = await connectWebSocket(server.url);
    const [peer] = await connected;
    const pong = once(peer, 'pong') as Promise<[Buffer]>;
    peer.ping('payload');
    expect((await pong)[0].toString()).toBe('payload');
    expect(await socket.ping()).toBeGreaterThan(0);
    peer.close(4321, 'done');
    expect(await take(socket, 1)).toEqual([]);
    expect(await socket.closed).toEqual({
      code: 4321,
      reason: 'done',
      wasClean: true,
      error: null,
    });
  });

  it('is read by one loop after another, and by onMessage', async () => {
    const socket = await connectWebSocket(server.url);
    socket.send('a');
    socket.send('b');
    expect(await take(socket, 1)).toEqual(['a']);
    const seen: WebSocketMessage[] = [];
    const all = new Promise<void>((resolve) => {
      socket.onMessage = (message) => {
        seen.push(message);
        if (seen.length < 4) socket.send(`${message.toString()}+`);
        else resolve();
      };
    });
    await all;
    expect(seen).toEqual(['b', 'b+', 'b++', 'b+++']);
    await socket.close();
  });
});

describe('WebSocketConnection.send', () => {
  it('sends what is queued in one turn, awaited steps too, in one write', async () => {
    const { socket, peer } = await open();
    const readsBefore = peer.reads;
    for (let count = 0; count < 16; count += 1) {
      socket.send(`${count}`);
      await Promise.resolve();
    }
    expect(socket.bufferedBytes).toBe(16 * 6 + 22);
    await settle();
    expect(peer.events).toHaveLength(16);
    // Two at most: the room for small frames that all connections share may have come to its end between them.
    expect(peer.reads - readsBefore).toBeLessThanOrEqual(2);
    expect(socket.bufferedBytes).toBe(0);
    socket.abort();
  });

  it('answers false when the network is slower, and drained() says when it has caught up', async () => {
    const { socket, peer } = await open();
    peer.link.pause();
    const chunk = Buffer.alloc(50_000);
    let sent = 0;
    while (socket.send(chunk) && sent < 100) sent += 1;
    expect(sent).toBeLessThan(5);
    const { bufferedBytes } = socket;
    expect(bufferedBytes).toBeGreaterThan(60_000);
    let hasDrained = false;
    const drained = socket.drained().then(() => (hasDrained = true));
    socket.send('behind');
    await settle();
    expect(hasDrained).toBe(false);
    expect(socket.bufferedBytes).toBeGreaterThan(bufferedBytes);
    peer.link.resume();
    await drained;
    expect(socket.bufferedBytes).toBe(0);
    await settle();
    expect(peer.events.at(-1)).toBe('text behind');
    expect(socket.send('free')).toBe(true);
    socket.abort();
  });

  it('throws past maxQueuedBytes, and after close', async () => {
    const { socket, peer } = await open({ maxQueuedBytes: 200_000 });
    peer.link.pause();
    const fill = (): void => {
      for (let count = 0; count < 10; count += 1) socket.send(Buffer.alloc(50_000));
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'SEND_QUEUE_FULL' }) as Error);
    expect(socket.isOpen).toBe(true);
    peer.link.resume();
    void socket.close();
    expect(() => socket.send('x')).toThrow(expect.objectContaining({ code: 'NOT_OPEN' }) as Error);
    expect((await rejection(socket.ping(), WebSocketError)).code).toBe('NOT_OPEN');
    socket.abort();
  });

  it('leaves the bytes it was given to the caller', async () => {
    const { socket, peer } = await open();
    for (const size of [5, 20_000]) {
      const bytes = Buffer.alloc(size, 'a');
      socket.send(bytes);
      bytes.fill('b');
      await settle();
      expect(peer.events.at(-1)).toBe(`binary ${'a'.repeat(size)}`);
    }
    socket.abort();
  });
});

describe('WebSocketConnection: reading', () => {
  it('takes frames byte by byte, and empty messages', async () => {
    const { socket, peer } = await open();
    const bytes = Buffer.concat([
      frameBytes({ opcode: 1, payload: 'ab', isFinal: false }),
      frameBytes({ opcode: 0, payload: 'c' }),
      frameBytes({ opcode: 2 }),
    ]);
    for (const byte of bytes) peer.link.write(Buffer.from([byte]));
    expect(await take(socket, 2)).toEqual(['abc', Buffer.alloc(0)]);
    socket.abort();
  });

  it('holds back the server while nobody reads', async () => {
    const { socket, peer } = await open();
    const chunk = Buffer.alloc(30_000);
    let unsent = 0;
    for (let count = 0; count < 40; count += 1) {
      peer.encoder.binary(chunk);
      if (!peer.encoder.flush(peer.link)) unsent += 1;
      await settle(2);
    }
    expect(unsent).toBeGreaterThan(30);
    expect((await take(socket, 40)).every((message) => message.length === 30_000)).toBe(true);
    socket.abort();
  });

  it('answers only the newest of many pings', async () => {
    const { socket, peer } = await open();
    peer.send((encoder) => {
      for (let count = 0; count < 1000; count += 1) encoder.ping(Buffer.from(`${count}`));
    });
    await settle();
    // Two at most: what was sent may have come in two reads.
    expect(peer.events.length).toBeLessThanOrEqual(2);
    expect(peer.events.at(-1)).toBe('pong 999');
    socket.abort();
  });

  it.each([
    ['a reserved opcode', frameBytes({ opcode: 3 }), 'RESERVED_OPCODE', 1002],
    ['a masked frame', frameBytes({ opcode: 1, mask: [1, 2, 3, 4] }), 'MASKED_FRAME', 1002],
    ['RSV1 without compression', frameBytes({ opcode: 1, reserved: 4 }), 'RESERVED_BITS', 1002],
    ['text that is not UTF-8', frameBytes({ opcode: 1, payload: '\xff' }), 'INVALID_UTF8', 1007],
    [
      'a message too large',
      frameBytes({ opcode: 2, payload: 'x'.repeat(2000) }),
      'LIMIT_EXCEEDED',
      1009,
    ],
    [
      'a close code not for the wire',
      frameBytes({ opcode: 8, payload: '\x03\xed' }),
      'INVALID_CLOSE_CODE',
      1002,
    ],
  ])(
    'ends on %s, after what came before it, and says why',
    async (_what, bytes, code, closeCode) => {
      const { socket, peer } = await open({ maxMessageBytes: 1000 });
      peer.link.write(Buffer.concat([frameBytes({ opcode: 1, payload: 'fine' }), bytes]));
      const iterator = socket[Symbol.asyncIterator]();
      expect((await iterator.next()).value).toBe('fine');
      const error = await rejection(iterator.next(), WebSocketError);
      expect(error).toMatchObject({
        code,
        closeCode,
        phase: 'websocket',
        url: 'http://example.test/',
      });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
      await settle();
      expect(peer.events).toEqual([`close ${closeCode}`]);
      expect(peer.hasEnded).toBe(true);
      expect(await socket.closed).toMatchObject({ wasClean: false, error });
    },
  );

  it('closes with 1011 when the handler of messages throws', async () => {
    const { socket, peer } = await open();
    const cause = new Error('in the handler');
    socket.onMessage = () => {
      throw cause;
    };
    peer.send((encoder) => encoder.text('x'));
    const { error } = await socket.closed;
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', closeCode: 1011, cause });
    await settle();
    expect(peer.events).toEqual(['close 1011']);
  });

  it('delivers nothing to a handler that has aborted', async () => {
    const { socket, peer } = await open();
    const seen: WebSocketMessage[] = [];
    socket.onMessage = (message) => {
      seen.push(message);
      socket.abort();
    };
    peer.send((encoder) => {
      encoder.text('first');
      encoder.text('second');
    });
    await settle();
    expect(seen).toEqual(['first']);
  });
});

describe('WebSocketConnection: the end', () => {
  it('echoes a close frame once, and lets the server close the link', async () => {
    const { socket, peer } = await open();
    peer.send((encoder) => {
      encoder.text('last');
      encoder.close(4000, 'over');
    });
    expect(await take(socket, 5)).toEqual(['last']);
    await settle();
    expect(peer.events).toEqual(['close 4000']);
    expect(peer.hasEnded).toBe(false);
    peer.link.end();
    expect(await socket.closed).toEqual({
      code: 4000,
      reason: 'over',
      wasClean: true,
      error: null,
    });
    expect(await socket.close()).toMatchObject({ code: 4000 });
  });

  it('answers an empty close frame with an empty one', async () => {
    const { socket, peer } = await open();
    peer.send((encoder) => encoder.close());
    await settle();
    expect(peer.events).toEqual(['close 1005']);
    peer.link.end();
    expect(await socket.closed).toMatchObject({ code: 1005, wasClean: true });
  });

  it('close() waits for the server, and still delivers what it sends', async () => {
    const { socket, peer } = await open();
    socket.send('queued');
    const closing = socket.close(4001, 'why');
    await settle();
    expect(peer.events).toEqual(['text queued', 'close 4001 why']);
    peer.send((encoder) => {
      encoder.text('one more');
      encoder.close(4001);
    });
    peer.link.end();
    expect(await closing).toMatchObject({ code: 4001, wasClean: true });
    expect(await take(socket, 2)).toEqual(['one more']);
  });

  it('close() ends though nobody reads', async () => {
    const { socket, peer } = await open();
    for (let count = 0; count < 20; count += 1) {
      peer.encoder.binary(Buffer.alloc(30_000));
      peer.encoder.flush(peer.link);
    }
    await settle();
    const closing = socket.close();
    peer.send((encoder) => encoder.close(1000));
    await settle(60);
    peer.link.end();
    expect(await closing).toMatchObject({ code: 1000, wasClean: true });
  });

  it('gives up after closeTimeoutMs: without an answer 1006, with one that leaves the link open as said', async () => {
    const clock = new FakeClock();
    const silent = await open({ clock, closeTimeoutMs: 700 });
    const closing = silent.socket.close();
    await settle();
    clock.advance(700);
    expect(await closing).toMatchObject({ code: 1006, wasClean: false });
    expect((await closing).error).toMatchObject({ code: 'ABNORMAL_CLOSE' });
    const lingering = await open({ clock, closeTimeoutMs: 700 });
    lingering.peer.send((encoder) => encoder.close(1000, 'bye'));
    await settle();
    clock.advance(700);
    expect(await lingering.socket.closed).toMatchObject({
      code: 1000,
      reason: 'bye',
      wasClean: true,
    });
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['an end between messages', Buffer.alloc(0), /without a close frame/],
    ['an end inside a message', Buffer.from([0x81, 5, 0x61]), /in the middle of a message/],
  ])('reports %s as abnormal', async (_what, bytes, reason) => {
    const { socket, peer } = await open();
    peer.link.write(bytes);
    peer.link.end();
    const error = await rejection(take(socket, 1), WebSocketError);
    expect(error).toMatchObject({ code: 'ABNORMAL_CLOSE', closeCode: 1006 });
    expect(error.message).toMatch(reason);
    expect(await socket.closed).toEqual({ code: 1006, reason: '', wasClean: false, error });
  });

  it('reports a reset with its cause, to pings too', async () => {
    const { socket, peer } = await open();
    const ping = rejection(socket.ping(), WebSocketError);
    await settle();
    peer.link.destroy(new Error('reset'));
    expect((await ping).code).toBe('ABNORMAL_CLOSE');
    expect((await socket.closed).error?.cause).toMatchObject({ code: 'RESET' });
    await socket.drained();
  });

  it('abort() drops the link with the error it is given', async () => {
    const { socket, peer } = await open();
    const reason = AbortedError.of(AbortSignal.abort());
    socket.abort(reason);
    expect(await rejection(take(socket, 1), AbortedError)).toBe(reason);
    await settle();
    expect(peer.events).toEqual([]);
    expect(peer.hasEnded || peer.isClosed).toBe(true);
  });

  it('refuses codes and reasons that may not be sent', async () => {
    const { socket } = await open();
    for (const [code, reason] of [
      [1005, 'x'],
      [1006, ''],
      [999, ''],
      [1000, 'x'.repeat(124)],
    ] as const) {
      await rejection(socket.close(code, reason), InvalidRequestError);
    }
    expect(socket.isOpen).toBe(true);
    socket.abort();
  });
});

describe('WebSocketConnection: pings', () => {
  it('measures the way there and back, also when only the newest is answered', async () => {
    const clock = new FakeClock();
    const { socket, peer } = await open({ clock });
    const pings = [socket.ping(), socket.ping()];
    await settle();
    clock.advance(25);
    peer.send((encoder) => encoder.pong(Buffer.from('unasked')));
    peer.send((encoder) => encoder.pong(Buffer.from([0, 0, 0, 2])));
    expect(await Promise.all(pings)).toEqual([25, 25]);
    expect(clock.pendingTimers).toBe(0);
    socket.abort();
  });

  it('rejects a ping without an answer, and leaves the connection to its owner', async () => {
    const clock = new FakeClock();
    const { socket } = await open({ clock, pongTimeoutMs: 50 });
    const ping = rejection(socket.ping(), WebSocketError);
    clock.advance(50);
    expect((await ping).code).toBe('PONG_TIMEOUT');
    expect(socket.isOpen).toBe(true);
    socket.abort();
  });

  it('pings when it is quiet, and gives up a server that is gone', async () => {
    const clock = new FakeClock();
    const { socket, peer } = await open({ clock, pingIntervalMs: 1000, pongTimeoutMs: 300 });
    peer.send((encoder) => encoder.text('busy'));
    await settle();
    clock.advance(1000);
    await settle();
    expect(peer.events).toEqual([]);
    clock.advance(1000);
    await settle();
    expect(peer.events).toEqual(['ping \0\0\0\x01']);
    clock.advance(300);
    expect((await socket.closed).error).toMatchObject({ code: 'PONG_TIMEOUT' });
    expect(clock.pendingTimers).toBe(0);
  });
});

function isSame(message: WebSocketMessage, expected: WebSocketMessage): boolean {
  if (typeof message === 'string' || typeof expected === 'string') return message === expected;
  return message.equals(expected);
}
