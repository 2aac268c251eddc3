import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { close, frame, text } from './raw-socket.fixture.ts';
import type { ServerWebSocket } from './server-websocket.ts';
import { SocketTestServer } from './socket-test-server.fixture.ts';

const server = new SocketTestServer();

/** Handlers that end when the test says so. */
class Desk {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();
  running = 0;
  most = 0;

  readonly take = (_socket: unknown, message: string | Buffer): Promise<void> => {
    const name = String(message);
    this.begun.push(name);
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    return new Promise((resolve) => {
      this.#ends.set(name, () => {
        this.running -= 1;
        resolve();
      });
    });
  };

  async end(name: string): Promise<void> {
    this.#ends.get(name)!();
    await nextTurn();
  }
}

describe('option maxPendingMessages', () => {
  it('delivers while earlier handlers are under way, so many at a time', async () => {
    const desk = new Desk();
    await server.start({ message: desk.take, maxPendingMessages: 3 });
    const client = await server.raw();
    client.write(Buffer.concat(['1', '2', '3', '4', '5'].map(text)));
    await server.until(() => desk.begun.length === 3);
    await nextTurn();
    expect(desk.begun).toEqual(['1', '2', '3']);
    await desk.end('2');
    expect(desk.begun).toEqual(['1', '2', '3', '4']);
    await desk.end('1');
    expect(desk.begun).toEqual(['1', '2', '3', '4', '5']);
    expect(desk.most).toBe(3);
  });

  it('1: one after the other, and the close frame behind them', async () => {
    const desk = new Desk();
    const ends: number[] = [];
    await server.start({
      maxPendingMessages: 1,
      message: async (socket, message) => {
        await desk.take(socket, message);
        void socket.send(`done ${String(message)}`);
      },
      close: (_, code) => void ends.push(code),
    });
    const client = await server.raw();
    client.write(Buffer.concat([text('1'), text('2'), close()]));
    client.socket.end();
    await server.until(() => desk.begun.length === 1);
    await nextTurn();
    expect(desk.begun).toEqual(['1']);
    await desk.end('1');
    expect([desk.begun, ends]).toEqual([['1', '2'], []]);
    await desk.end('2');
    expect(await client.rest()).toEqual(['text done 1', 'text done 2', 'close 1000', 'end']);
    expect(ends).toEqual([1000]);
  });

  it('holds the client back, and reads on when there is room', async () => {
    const desk = new Desk();
    await server.start({ maxPendingMessages: 1, message: desk.take });
    const client = await server.raw();
    client.write(text('first'));
    await server.until(() => desk.begun.length === 1);
    const big = frame({ opcode: 2, payload: Buffer.alloc(500_000, 'b') });
    const count = 40;
    for (let sent = 0; sent < count; sent += 1) client.write(big);
    client.write(text('last'));
    for (let turn = 0; turn < 300; turn += 1) await nextTurn();
    // Twenty megabytes do not fit the buffers of the system: what is left waits in the client.
    expect(client.socket.writableLength).toBeGreaterThan(0);
    expect(desk.begun).toHaveLength(1);
    await desk.end('first');
    while (desk.begun.at(-1) !== 'last') {
      if (desk.running > 0) await desk.end(desk.begun.at(-1)!);
      else await nextTurn();
    }
    expect(desk.begun).toHaveLength(count + 2);
    expect(desk.most).toBe(1);
  });

  it('lets the close handshake come to its end while handlers hang', async () => {
    const desk = new Desk();
    await server.start(
      {
        maxPendingMessages: 1,
        message(socket, message) {
          socket.close(4000);
          return desk.take(socket, message);
        },
      },
      { hasFakeClock: true },
    );
    const client = await server.raw();
    client.write(text('hang'));
    expect(await client.next()).toBe('close 4000');
    client.write(close('\x0f\xa0'));
    expect(await client.rest()).toEqual(['end']);
  });

  it('ends at once when both sides have closed, whatever hangs', async () => {
    const desk = new Desk();
    const sockets: ServerWebSocket<undefined>[] = [];
    await server.start(
      {
        maxPendingMessages: 1,
        open: (socket) => void sockets.push(socket),
        message: desk.take,
      },
      { hasFakeClock: true },
    );
    const client = await server.raw();
    client.write(Buffer.concat([text('hang'), close()]));
    await server.until(() => desk.begun.length === 1);
    await nextTurn();
    expect(sockets[0]!.readyState).toBe('open');
    sockets[0]!.close(4000);
    expect(await client.rest()).toEqual(['close 4000', 'end']);
    expect(sockets[0]!.readyState).toBe('closed');
  });
});

describe('for await … of a ServerWebSocket', () => {
  it('gives the messages in order, and ends with the connection', async () => {
    const got: string[] = [];
    await server.start({
      async open(socket) {
        for await (const message of socket) {
          got.push(String(message));
          void socket.send(`read ${String(message)}`);
        }
        got.push('end');
      },
    });
    const client = await server.raw();
    client.write(Buffer.concat([text('1'), text('2'), text('3')]));
    await client.until(() => client.events.length === 3);
    expect(client.events).toEqual(['text read 1', 'text read 2', 'text read 3']);
    client.write(Buffer.concat([text('4'), close()]));
    await server.until(() => got.includes('end'));
    expect(got).toEqual(['1', '2', '3', '4', 'end']);
  });

  it('holds the client back while the reader is busy', async () => {
    let readOn = (): void => {};
    let count = 0;
    await server.start({
      maxPendingMessages: 4,
      async open(socket) {
        for await (const message of socket) {
          count += message.length;
          if (count === 1) await new Promise<void>((resolve) => (readOn = resolve));
        }
      },
    });
    const client = await server.raw();
    client.write(text('1'));
    const big = frame({ opcode: 2, payload: Buffer.alloc(500_000) });
    // More than both sides' kernels hold between them.
    for (let sent = 0; sent < 140; sent += 1) client.write(big);
    for (let turn = 0; turn < 400; turn += 1) await nextTurn();
    expect(client.socket.writableLength).toBeGreaterThan(0);
    readOn();
    await server.until(() => count === 1 + 140 * 500_000);
  });
});
