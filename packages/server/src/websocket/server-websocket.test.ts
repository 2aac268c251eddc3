import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { startLeakCheck } from '@needletail/testkit/leak-check';
import { describe, expect, it } from 'vitest';
import { close, frame, text } from './raw-socket.fixture.ts';
import type { ServerWebSocket } from './server-websocket.ts';
import { closing, echo, messages, SocketTestServer } from './socket-test-server.fixture.ts';

const server = new SocketTestServer();

/** `code reason` of the handler `close`, once it was called. */
function closeNotes(): {
  readonly notes: string[];
  readonly close: (socket: ServerWebSocket, code: number, reason: string) => void;
} {
  const notes: string[] = [];
  return { notes, close: (_, code, reason) => void notes.push(`${code} ${reason}`.trimEnd()) };
}

describe('ServerWebSocket messages', () => {
  it.each([0, 1, 125, 126, 127, 200, 1000, 10_000, 65_535, 65_536, 100_000, 500_000])(
    'come back as they were sent: %i bytes',
    async (sizeBytes) => {
      await server.start({ message: echo });
      const client = await server.connect();
      const bytes = Buffer.alloc(sizeBytes, 'abcdefghijk');
      client.send(bytes);
      client.send(bytes.toString());
      const got: [Buffer, boolean][] = [];
      client.on('message', (data, isBinary) => got.push([data as Buffer, isBinary]));
      while (got.length < 2) await once(client, 'message');
      expect(got.map(([, isBinary]) => isBinary)).toEqual([true, false]);
      expect(got.every(([data]) => data.equals(bytes))).toBe(true);
    },
  );

  it('are text as it was, whatever the script', async () => {
    await server.start({ message: echo });
    const client = await server.connect();
    const texts = ['ünïcödé', '日本語', '👩‍👩‍👧‍👦', 'مرحبا بالعالم', '\\u0041 "quoted" \n\t', '\u0000'];
    for (const one of texts) client.send(one);
    expect(await messages(client, texts.length)).toEqual(texts);
  });

  it('keep their order: a burst of a hundred', async () => {
    await server.start({ message: echo });
    const client = await server.connect();
    const sent = Array.from({ length: 100 }, (_, index) => `message ${index}`);
    for (const one of sent) client.send(one);
    expect(await messages(client, 100)).toEqual(sent);
  });

  it('of one read are answered by one write', async () => {
    await server.start({ message: echo });
    const client = await server.raw();
    client.pieces = 0;
    client.write(Buffer.concat(Array.from({ length: 100 }, () => text('burst'))));
    await client.until(() => client.events.length === 100);
    expect(client.pieces).toBe(1);
  });

  it('arrive when their bytes come one by one', async () => {
    await server.start({ message: echo });
    const client = await server.raw();
    const bytes = Buffer.concat([
      text('slow'),
      frame({ opcode: 2, payload: '', isFinal: false }),
      frame({ opcode: 9, payload: 'between' }),
      frame({ opcode: 0, payload: 'x'.repeat(130) }),
      close(),
    ]);
    for (const byte of bytes) {
      client.write(Buffer.from([byte]));
      await nextTurn();
    }
    expect(await client.rest()).toEqual([
      'text slow',
      'pong between',
      `binary ${'x'.repeat(130)}`,
      'close 1000',
      'end',
    ]);
  });

  it('of many clients do not mix', async () => {
    await server.start({
      upgrade: () => ({ count: 0 }),
      message: (socket, message) => socket.send(`${(socket.data.count += 1)} ${String(message)}`),
    });
    const clients = await Promise.all(Array.from({ length: 20 }, () => server.connect()));
    const all = clients.map(async (client, who) => {
      for (let index = 0; index < 50; index += 1) client.send(`from ${who}`);
      return messages(client, 50);
    });
    const expected = (who: number): string[] =>
      Array.from({ length: 50 }, (_, index) => `${index + 1} from ${who}`);
    expect(await Promise.all(all)).toEqual(clients.map((_, who) => expected(who)));
  });

  it('that make no sense to the application do not end the connection', async () => {
    await server.start({
      message(socket, message) {
        try {
          JSON.parse(String(message));
          return socket.send('fine');
        } catch {
          return socket.send('{"error":"invalid json"}');
        }
      },
    });
    const client = await server.connect();
    for (const one of ['{invalid json}', 'not json at all', '{"open": ', '', '{', '}', '{}']) {
      client.send(one);
    }
    const got = await messages(client, 7);
    expect(got.filter((one) => one.includes('error'))).toHaveLength(6);
    expect(got.at(-1)).toBe('fine');
  });

  it('sent outside of a handler arrive in order', async () => {
    const sockets: ServerWebSocket<undefined>[] = [];
    await server.start({ open: (socket) => void sockets.push(socket) });
    const client = await server.connect();
    for (let index = 0; index < 10; index += 1) void sockets[0]!.send(`${index}`);
    expect((await messages(client, 10)).join('')).toBe('0123456789');
  });

  it('that are sent after the end are told so', async () => {
    const sockets: ServerWebSocket<undefined>[] = [];
    await server.start({ open: (socket) => void sockets.push(socket) });
    const client = await server.connect();
    const [socket] = sockets;
    expect([socket!.readyState, socket!.send('on time')]).toEqual(['open', 'sent']);
    socket!.close();
    expect([socket!.readyState, socket!.send('late')]).toEqual(['closing', 'closed']);
    expect(await closing(client)).toBe('1000');
    await server.until(() => socket!.readyState === 'closed');
    expect(socket!.send('later')).toBe('closed');
  });
});

describe('ServerWebSocket.ping', () => {
  it('is answered by the client, as its pings are by the server, each', async () => {
    await server.start({ open: (socket) => socket.ping(Buffer.from('hi')) });
    const client = await server.raw();
    client.write(
      Buffer.concat([1, 2, 3].map((index) => frame({ opcode: 9, payload: `ping ${index}` }))),
    );
    await client.until(() => client.events.length === 4);
    expect(client.events).toEqual(['ping hi', 'pong ping 1', 'pong ping 2', 'pong ping 3']);
  });

  it('refuses more than fits', async () => {
    let refused: unknown;
    await server.start({
      open(socket) {
        try {
          socket.ping(Buffer.alloc(126));
        } catch (error) {
          refused = error;
        }
      },
    });
    await server.connect();
    expect(refused).toMatchObject({ code: 'INVALID_PING' });
  });
});

describe('ServerWebSocket.close', () => {
  it('tells the client code and reason, and waits for its answer', async () => {
    const { notes, close: noteClose } = closeNotes();
    await server.start({
      message: (socket) => socket.close(4001, 'enough'),
      close: noteClose,
    });
    const client = await server.connect();
    client.send('go');
    expect(await closing(client)).toBe('4001 enough');
    await server.until(() => notes.length === 1);
    expect(notes).toEqual(['4001 enough']);
  });

  it('still delivers what the client sent before it knew', async () => {
    const got: string[] = [];
    await server.start({
      open: (socket) => socket.close(),
      message: (_, message) => void got.push(String(message)),
    });
    const client = await server.raw();
    expect(await client.next()).toBe('close 1000');
    client.write(Buffer.concat([text('one'), text('two'), close()]));
    expect(await client.rest()).toEqual(['end']);
    expect(got).toEqual(['one', 'two']);
  });

  it.each([
    [1005, ''],
    [1006, ''],
    [999, ''],
    [1000, 'x'.repeat(124)],
    [2000, ''],
  ])('refuses %i with a reason of %o', async (code, reason) => {
    const refused: unknown[] = [];
    await server.start({
      open(socket) {
        try {
          socket.close(code === 1005 ? 1015 : code, reason);
        } catch (error) {
          refused.push(error);
        }
      },
    });
    const client = await server.connect();
    expect(refused).toMatchObject([{ code: 'INVALID_CLOSE' }]);
    expect(client.readyState).toBe(client.OPEN);
  });

  it('drops a client that does not answer', async () => {
    const { notes, close: noteClose } = closeNotes();
    await server.start(
      { open: (socket) => socket.close(), close: noteClose },
      { hasFakeClock: true },
    );
    const client = await server.raw();
    expect(await client.next()).toBe('close 1000');
    server.clock.advance(4_500);
    await nextTurn();
    expect(notes).toEqual([]);
    server.clock.advance(1_000);
    expect(await client.rest()).toEqual(['end']);
    expect(notes).toEqual(['1006']);
  });
});

describe('close of the client', () => {
  it.each([
    [close('\x03\xe8'), 'close 1000', '1000'],
    [close('\x03\xe9bye'), 'close 1001', '1001 bye'],
    [close('\x0f\xa0'), 'close 4000', '4000'],
    [close(''), 'close 1005', '1005'],
  ])('is answered once, by its code, and the server ends first', async (bytes, answer, told) => {
    const { notes, close: noteClose } = closeNotes();
    await server.start({ close: noteClose });
    const client = await server.raw();
    client.write(Buffer.concat([bytes, text('ignored'), bytes]));
    expect(await client.rest()).toEqual([answer, 'end']);
    expect(notes).toEqual([told]);
    client.socket.end();
    await server.until(() => server.hub.socketCount === 0);
  });

  it('is followed by the end even if the client keeps its half open', async () => {
    await server.start({}, { hasFakeClock: true });
    const client = await server.raw();
    client.write(close());
    expect(await client.rest()).toEqual(['close 1000', 'end']);
    expect(server.hub.socketCount).toBe(1);
    server.clock.advance(6_000);
    await server.until(() => server.hub.socketCount === 0);
  });

  it.each([
    [
      'a reset',
      (client: { socket: { resetAndDestroy(): void } }) => client.socket.resetAndDestroy(),
    ],
    ['an end', (client: { socket: { end(): void } }) => client.socket.end()],
  ])('is 1006 after %s', async (_name, leave) => {
    const { notes, close: noteClose } = closeNotes();
    await server.start({ close: noteClose });
    const client = await server.raw();
    client.write(frame({ opcode: 1, payload: 'half', isFinal: false }));
    leave(client as never);
    await server.until(() => server.hub.socketCount === 0);
    expect(notes).toEqual(['1006']);
  });

  it('leaves nothing behind, however it came about', async () => {
    await server.start({ message: echo });
    const check = startLeakCheck(['Immediate', 'TickObject']);
    for (let round = 0; round < 5; round += 1) {
      const [lost, proper] = [await server.connect(), await server.connect()];
      proper.send('one');
      await messages(proper, 1);
      lost.terminate();
      proper.close();
      await closing(proper);
    }
    const last = await server.connect();
    last.send('still there');
    expect(await messages(last, 1)).toEqual(['still there']);
    last.terminate();
    await server.until(() => server.hub.socketCount === 0);
    expect(await check.leaked()).toEqual(new Map());
  });
});

describe('handlers that fail', () => {
  const failures: readonly [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('oops');
      },
    ],
    ['rejects', () => Promise.reject(new Error('oops'))],
  ];
  it.each(failures)('message that %s: reported, closed with 1011', async (_name, fail) => {
    const { notes, close: noteClose } = closeNotes();
    await server.start({ message: fail, close: noteClose });
    const client = await server.raw();
    client.write(Buffer.concat([text('one'), text('two')]));
    expect(await client.rest()).toEqual(['close 1011', 'end']);
    expect(server.errors.splice(0)).toEqual(
      _name === 'throws' ? [new Error('oops')] : [new Error('oops'), new Error('oops')],
    );
    expect(notes).toEqual(['1011']);
  });

  it.each(failures)('open that %s: reported, closed with 1011', async (_name, fail) => {
    await server.start({ open: fail });
    const client = await server.raw();
    expect(await client.rest()).toEqual(['close 1011', 'end']);
    expect(server.errors.splice(0)).toEqual([new Error('oops')]);
  });

  it.each(failures)('close that %s: reported', async (_name, fail) => {
    await server.start({ close: fail });
    const client = await server.raw();
    client.write(close());
    expect(await client.rest()).toEqual(['close 1000', 'end']);
    expect(server.errors.splice(0)).toEqual([new Error('oops')]);
  });

  it('are told to the option error, in place of the hub', async () => {
    const told: unknown[] = [];
    await server.start({
      message: failures[0]![1],
      error: (socket, error) => void told.push([socket.readyState, error]),
    });
    const client = await server.raw();
    client.write(text('one'));
    expect(await client.rest()).toEqual(['close 1011', 'end']);
    expect(told).toEqual([['open', new Error('oops')]]);
  });
});
