import { describe, expect, it } from 'vitest';
import { frame, type RawSocket } from './raw-socket.fixture.ts';
import type { SendResult, ServerWebSocket } from './server-websocket.ts';
import { SocketTestServer } from './socket-test-server.fixture.ts';
import type { BackpressurePolicy } from './websocket-options.ts';

const server = new SocketTestServer();
const LIMIT = 200_000;
const MESSAGE = Buffer.alloc(50_000, 'm');

/** A server socket with a client that does not read. */
async function deaf(
  backpressure: BackpressurePolicy,
  options: { readonly hasFakeClock?: boolean } = {},
): Promise<{
  readonly socket: ServerWebSocket<undefined>;
  readonly client: RawSocket;
  readonly notes: string[];
}> {
  const notes: string[] = [];
  let socket: ServerWebSocket<undefined> | null = null;
  await server.start(
    {
      backpressure,
      maxBackpressureBytes: LIMIT,
      open: (opened) => {
        socket = opened;
        opened.subscribe('all');
      },
      drain: () => void notes.push('drain'),
      close: (_, code, reason) => void notes.push(`close ${code} ${reason}`.trimEnd()),
    },
    options,
  );
  const client = await server.raw();
  client.socket.pause();
  return { socket: socket!, client, notes };
}

/** Sends, a message a turn, until that has another result than 'sent' and 'queued'. */
async function fill(send: () => SendResult | Promise<SendResult>): Promise<unknown> {
  for (;;) {
    const result = send();
    if (result !== 'sent' && result !== 'queued') return result;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

describe("backpressure 'drop'", () => {
  it('leaves out what finds no room, counts it, and goes on once the client reads', async () => {
    const { socket, client, notes } = await deaf('drop');
    expect(await fill(() => socket.send(MESSAGE))).toBe('dropped');
    expect(socket.bufferedBytes).toBeGreaterThan(LIMIT - MESSAGE.length);
    expect(socket.bufferedBytes).toBeLessThanOrEqual(LIMIT + MESSAGE.length);
    expect(socket.send(MESSAGE)).toBe('dropped');
    expect(socket.droppedMessages).toBe(2);
    notes.length = 0;
    client.socket.resume();
    await server.until(() => notes.length > 0);
    expect([notes, socket.bufferedBytes]).toEqual([['drain'], 0]);
    client.events.length = 0;
    expect(socket.send('through again')).toBe('sent');
    await client.until(() => client.events.includes('text through again'));
  });

  it('leaves out what is published too, for this client alone', async () => {
    const { socket } = await deaf('drop');
    const other = await server.connect();
    let got = 0;
    other.on('message', () => (got += 1));
    await fill(() => socket.send(MESSAGE));
    expect(server.hub.publish('all', MESSAGE)).toBe(1);
    expect(socket.droppedMessages).toBe(2);
    await server.until(() => got === 1);
  });

  it('answers only the newest ping of a client that does not read', async () => {
    const { socket, client } = await deaf('drop');
    await fill(() => socket.send(MESSAGE));
    const buffered = socket.bufferedBytes;
    for (let index = 0; index < 1000; index += 1) {
      client.write(frame({ opcode: 9, payload: `ping ${index}`.padEnd(125) }));
    }
    client.write(frame({ opcode: 8, payload: '\x03\xe8' }));
    await server.until(() => socket.readyState === 'closed');
    expect(socket.bufferedBytes).toBeLessThanOrEqual(buffered + 200);
  });
});

describe("backpressure 'close'", () => {
  it('closes with 1008, drops what waits, and says so to a client that reads at last', async () => {
    const { socket, client, notes } = await deaf('close');
    const isDropped = await fill(() => {
      const result = socket.send(MESSAGE);
      if (result !== 'dropped') return result;
      // No handler runs inside of a send.
      expect([socket.send('more'), socket.readyState]).toEqual(['closed', 'closing']);
      expect(notes.filter((note) => note !== 'drain')).toEqual([]);
      return result;
    });
    expect(isDropped).toBe('dropped');
    await server.until(() => notes.at(-1) === 'close 1008 too slow');
    client.socket.resume();
    expect((await client.rest()).slice(-2)).toEqual(['close 1008 too slow', 'end']);
  });

  it('closes for what is published', async () => {
    const { notes } = await deaf('close');
    const publish = (): SendResult =>
      server.hub.publish('all', MESSAGE) === 1 ? 'sent' : 'dropped';
    await fill(publish);
    await server.until(() => notes.at(-1) === 'close 1008 too slow');
  });

  it('drops the connection of a client that never reads', async () => {
    const { socket, notes } = await deaf('close', { hasFakeClock: true });
    await fill(() => socket.send(MESSAGE));
    await server.until(() => notes.at(-1) === 'close 1008 too slow');
    expect(server.hub.socketCount).toBe(1);
    server.clock.advance(6_000);
    await server.until(() => server.hub.socketCount === 0);
  });
});

describe("backpressure 'wait'", () => {
  it('has send wait for room, in order', async () => {
    const { socket, client } = await deaf('wait');
    const first = await wait(socket);
    const results: SendResult[] = [];
    const sends = ['a', 'b', 'c'].map(async (name) => {
      results.push(await socket.send(name));
    });
    await new Promise((resolve) => void setImmediate(resolve));
    expect(results).toEqual([]);
    client.socket.resume();
    expect(await first.settled).toBe('sent');
    await Promise.all(sends);
    expect(results).toEqual(['sent', 'sent', 'sent']);
    await client.until(() => client.events.includes('text c'));
    expect(client.events.slice(-3)).toEqual(['text a', 'text b', 'text c']);
  });

  it('settles with closed when the connection ends', async () => {
    const { socket, client } = await deaf('wait');
    const { settled } = await wait(socket);
    client.terminate();
    expect(await settled).toBe('closed');
  });

  it('leaves out what is published to a client that does not read', async () => {
    const { socket } = await deaf('wait');
    await wait(socket);
    expect(server.hub.publish('all', 'news')).toBe(0);
    expect(socket.droppedMessages).toBe(1);
  });

  it('refuses to let more wait than a program could await', async () => {
    const { socket } = await deaf('wait');
    await wait(socket);
    for (let count = 1; count < 1024; count += 1) void socket.send('x');
    await expect(socket.send('x')).rejects.toMatchObject({ code: 'TOO_MANY_WAITING' });
  });

  it('holds a client back whose messages are answered and not read', async () => {
    await server.start({
      backpressure: 'wait',
      maxBackpressureBytes: LIMIT,
      maxPendingMessages: 4,
      message: (socket, message) => socket.send(message),
    });
    const client = await server.raw();
    client.socket.pause();
    const message = frame({ opcode: 2, payload: MESSAGE });
    let isHeld = false;
    // The buffers of the system take some megabytes; when no more is taken, the server has stopped reading.
    while (!isHeld) {
      const isTaken = new Promise<boolean>((resolve) =>
        client.socket.write(message, () => resolve(true)),
      );
      isHeld = !(await Promise.race([isTaken, turns(200)]));
    }
    client.socket.resume();
    client.write(frame({ opcode: 8, payload: '' }));
    const all = await client.rest();
    expect(all.slice(-2)).toEqual(['close 1005', 'end']);
    expect(all.slice(0, -2).every((one) => one.length === 'binary '.length + MESSAGE.length)).toBe(
      true,
    );
  });
});

/** Fills the buffer of a socket until a send has to wait for room. */
async function wait(
  socket: ServerWebSocket<undefined>,
): Promise<{ readonly settled: Promise<SendResult> }> {
  for (;;) {
    const result = socket.send(MESSAGE);
    if (typeof result !== 'string') return { settled: result };
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

async function turns(count: number): Promise<false> {
  for (let left = count; left > 0; left -= 1) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return false;
}
