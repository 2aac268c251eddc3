import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { frame, text } from './raw-socket.fixture.ts';
import { echo, SocketTestServer } from './socket-test-server.fixture.ts';

const server = new SocketTestServer();
const FAKE = { hasFakeClock: true };

async function advance(elapsedMs: number): Promise<void> {
  server.clock.advance(elapsedMs);
  await nextTurn();
}

describe('options pingIntervalMs and pongTimeoutMs', () => {
  it('ping a silent client, and leave one that answers', async () => {
    await server.start({ pingIntervalMs: 5_000, pongTimeoutMs: 2_000, message: echo }, FAKE);
    const client = await server.raw();
    for (let round = 0; round < 3; round += 1) {
      await advance(5_000);
      expect(await client.next()).toBe('ping');
      client.write(Buffer.concat([frame({ opcode: 10 }), text('here')]));
      expect(await client.next()).toBe('text here');
    }
    expect(server.hub.socketCount).toBe(1);
  });

  it('do not ping one that is heard of', async () => {
    await server.start({ pingIntervalMs: 5_000, message: echo }, FAKE);
    const client = await server.raw();
    for (let round = 0; round < 4; round += 1) {
      await advance(4_000);
      client.write(text('busy'));
      expect(await client.next()).toBe('text busy');
    }
  });

  it('drop one that does not answer', async () => {
    const ends: number[] = [];
    await server.start(
      { pingIntervalMs: 5_000, pongTimeoutMs: 2_000, close: (_, code) => void ends.push(code) },
      FAKE,
    );
    const client = await server.raw();
    await advance(5_000);
    await advance(1_500);
    expect(ends).toEqual([]);
    await advance(1_000);
    expect(await client.rest()).toEqual(['ping', 'end']);
    expect(ends).toEqual([1006]);
  });

  it('leave one in peace whose messages are still being handled', async () => {
    let finish = (): void => {};
    await server.start(
      {
        pingIntervalMs: 5_000,
        pongTimeoutMs: 2_000,
        maxPendingMessages: 1,
        message: () => new Promise<void>((resolve) => (finish = resolve)),
      },
      FAKE,
    );
    const client = await server.raw();
    client.write(text('takes long'));
    await nextTurn();
    for (let round = 0; round < 20; round += 1) await advance(1_000);
    expect(client.events).toEqual([]);
    expect(server.hub.socketCount).toBe(1);
    finish();
  });

  it('ping nobody when the interval is 0', async () => {
    await server.start({ pingIntervalMs: 0 }, FAKE);
    const client = await server.raw();
    await advance(3_600_000);
    expect(client.events).toEqual([]);
    expect(server.hub.socketCount).toBe(1);
  });
});

describe('option idleTimeoutMs', () => {
  it('closes with 1001 whoever sends no message, whatever else it sends', async () => {
    await server.start({ idleTimeoutMs: 10_000, message: echo }, FAKE);
    const client = await server.raw();
    await advance(9_000);
    client.write(text('still here'));
    expect(await client.next()).toBe('text still here');
    await advance(9_000);
    client.write(frame({ opcode: 9, payload: 'ping' }));
    expect(await client.next()).toBe('pong ping');
    await advance(1_500);
    expect(await client.next()).toBe('close 1001 idle');
  });
});

describe('TopicHub', () => {
  it('has one timer for all sockets, and none without', async () => {
    await server.start({}, FAKE);
    const clients = [await server.raw(), await server.raw(), await server.raw()];
    expect(server.clock.pendingTimers).toBe(1);
    for (const client of clients) client.terminate();
    await server.until(() => server.hub.socketCount === 0);
    expect(server.clock.pendingTimers).toBe(0);
  });
});
