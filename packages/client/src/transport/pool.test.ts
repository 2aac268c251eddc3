import { FakeClock } from '@needletail/testkit/fake-clock';
import { startFaultyServer } from '@needletail/testkit/faulty-server';
import { MemoryNetwork, type Link } from '@needletail/wire';
import { describe, expect, it } from 'vitest';
import { closing } from './closing.fixture.ts';
import { open, scripted } from './wire-scene.fixture.ts';
import { makeRequest } from '../model/client-request.fixture.ts';
import { PoolTimeoutError, ReadError } from '../errors.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import {
  answering,
  HELLO_ANSWER,
  streamedBody,
  transportTo,
  until,
  wholeBody,
  type ScriptedServer,
  type ServerConnection,
} from './wire-setup.fixture.ts';
import { wholeText } from './test-request.fixture.ts';

const CROWD = 100;

describe('the pool', () => {
  it('serves 100 requests at once over 10 connections, each with its own answer', async () => {
    const server = await scripted((connection, chunk) => {
      for (const [, path] of chunk.matchAll(/GET (\S+) /g)) {
        setImmediate(() =>
          connection.socket.write(
            `HTTP/1.1 200 OK\r\nContent-Length: ${path!.length}\r\n\r\n${path}`,
          ),
        );
      }
    });
    const transport = open({ limits: { maxConnections: 10 } });
    const paths = Array.from({ length: CROWD }, (_, number) => `/number/${number}`);
    const sent = paths.map((path) => transport.send(makeRequest(`${server.url}${path}`)));
    await until(() => transport.pool.connecting === 10);
    expect(transport.pool).toMatchObject({ open: 0, waiting: CROWD, idle: 0 });
    const bodies = (await Promise.all(sent)).map(({ body }) => wholeText(body));
    expect(bodies).toEqual(paths);
    expect(server.connections).toHaveLength(10);
    expect(transport.pool).toMatchObject({ opened: 10, reused: CROWD - 10, waiting: 0, active: 0 });
    expect(transport.pool.origins).toEqual({
      [server.url]: { open: 10, active: 0, idle: 10, waiting: 0 },
    });
  });

  it('uses the connection that was used last', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const transport = open();
    await Promise.all([1, 2, 3].map(() => transport.send(makeRequest(server.url))));
    const counts = (): number[] =>
      server.connections.map(({ text }) => text.split('\r\n\r\n').length - 1);
    for (let round = 0; round < 3; round += 1) await transport.send(makeRequest(server.url));
    expect(counts().toSorted((one, other) => one - other)).toEqual([1, 1, 4]);
  });

  it('holds to the limit of one origin while others have room', async () => {
    const [one, other] = [await scripted(() => {}), await scripted(answering(HELLO_ANSWER))];
    const transport = open({ limits: { maxConnections: 10, maxConnectionsPerOrigin: 2 } });
    const stuck = [1, 2, 3, 4].map(() => transport.send(makeRequest(one.url)));
    await until(() => one.connections.length === 2);
    expect((await transport.send(makeRequest(other.url))).status).toBe(200);
    expect(transport.pool.origins[one.url]).toMatchObject({ open: 2, waiting: 2 });
    await transport.close();
    for (const each of stuck) await expect(each).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  it('closes an idle connection of another origin when the total is what blocks', async () => {
    const [one, other] = [
      await scripted(answering(HELLO_ANSWER)),
      await scripted(answering(HELLO_ANSWER)),
    ];
    const transport = open({ limits: { maxConnections: 1 } });
    for (const { url } of [one, other, one]) {
      expect((await transport.send(makeRequest(url))).status).toBe(200);
    }
    expect(transport.pool).toMatchObject({ open: 1, opened: 3 });
  });

  it('lets a busy origin not starve another: first come, first served', async () => {
    const [busy, quiet] = [
      await scripted(answering(HELLO_ANSWER)),
      await scripted(answering(HELLO_ANSWER)),
    ];
    const transport = open({ limits: { maxConnections: 1 } });
    const order: string[] = [];
    const ask = (name: string, url: string): Promise<unknown> =>
      transport.send(makeRequest(url)).then(() => order.push(name));
    const startedMs = performance.now();
    await Promise.all([
      ask('busy 1', busy.url),
      ask('busy 2', busy.url),
      ask('quiet', quiet.url),
      ask('busy 3', busy.url),
      ask('busy 4', busy.url),
    ]);
    expect(order).toEqual(['busy 1', 'busy 2', 'quiet', 'busy 3', 'busy 4']);
    // Nobody had to wait for an idle connection to expire.
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it('fails who waits too long, and only that one', async () => {
    const server = await scripted(() => {});
    const transport = open({ limits: { maxConnections: 1 } });
    const first = transport.send(makeRequest(server.url));
    const timeouts = { ...DEFAULT_TIMEOUTS, pool: 40 };
    const second = transport.send(makeRequest(server.url, { timeouts }));
    await expect(second).rejects.toThrowError(PoolTimeoutError);
    expect(transport.pool).toMatchObject({ active: 1, waiting: 0 });
    server.connections[0]!.socket.write(HELLO_ANSWER);
    expect((await first).status).toBe(200);
  });

  it('keeps no more idle connections than maxKeepAlive, and none where that is 0', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const few = open({ limits: { maxKeepAlive: 2 } });
    await Promise.all([1, 2, 3, 4].map(() => few.send(makeRequest(server.url))));
    await until(() => few.pool.open === 2);
    const none = open({ limits: { maxKeepAlive: 0 } });
    await none.send(makeRequest(server.url));
    expect(none.pool.open).toBe(0);
    expect(server.connections.at(-1)!.text).toContain('\r\nConnection: close\r\n');
  });

  it.each([
    ['keepAliveExpiry', '', 4000],
    ['what the server says, less a second', 'Keep-Alive: timeout=3, max=100\r\n', 2000],
  ])('closes an idle connection after %s', async (_, field, expectedMs) => {
    const clock = new FakeClock();
    const network = new MemoryNetwork((link) => answerEach(link, field), clock);
    const transport = transportTo({ clock, connect: () => network });
    const sent = transport.send(makeRequest('http://memory.test/'));
    clock.flush();
    await sent;
    clock.flush();
    clock.advance(expectedMs - 1);
    expect(transport.pool.idle).toBe(1);
    clock.advance(1);
    expect(transport.pool).toMatchObject({ idle: 0, open: 0 });
    await transport.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('reads idle connections: bytes that nobody asked for close them', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const transport = open();
    await transport.send(makeRequest(server.url));
    server.connections[0]!.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
    await until(() => transport.pool.open === 0);
    expect(wholeText((await transport.send(makeRequest(server.url))).body)).toBe('hello');
    expect(server.connections).toHaveLength(2);
  });

  it('never binds bytes that arrive between two requests to the second', async () => {
    const server = await scripted(
      answering(`${HELLO_ANSWER}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`),
    );
    const transport = open();
    for (let round = 0; round < 5; round += 1) {
      expect(wholeText((await transport.send(makeRequest(server.url))).body)).toBe('hello');
    }
  });

  it('forgets an origin that has no connections and no requests', async () => {
    const server = await scripted(answering(HELLO_ANSWER));
    const transport = open({ limits: { maxKeepAlive: 0 } });
    await transport.send(makeRequest(server.url));
    await until(() => Object.keys(transport.pool.origins).length === 0);
    expect((await transport.send(makeRequest(server.url))).status).toBe(200);
  });
});

describe('a kept connection that the server closed', () => {
  /** Answers the first request of a connection and does `then` on the second. */
  async function startFickle(
    then: (connection: ServerConnection) => void,
  ): Promise<ScriptedServer> {
    const requests = new WeakMap<ServerConnection, number>();
    return scripted((connection) => {
      const count = (requests.get(connection) ?? 0) + 1;
      requests.set(connection, count);
      if (count === 1) connection.socket.write(HELLO_ANSWER);
      else then(connection);
    });
  }

  const closings: readonly [string, (connection: ServerConnection) => void][] = [
    ['with an end', ({ socket }) => void socket.end()],
    ['with a reset', ({ socket }) => void socket.resetAndDestroy()],
  ];

  it.each(closings)('%s costs a GET nothing: it goes out once more', async (_, closing) => {
    const server = await startFickle(closing);
    const transport = open();
    for (let round = 0; round < 4; round += 1) {
      expect((await transport.send(makeRequest(server.url))).status).toBe(200);
    }
    expect(server.connections).toHaveLength(4);
  });

  it.each(closings)('%s fails a POST, which is never sent twice', async (_, closing) => {
    const server = await startFickle(closing);
    const transport = open();
    await transport.send(makeRequest(server.url));
    const post = makeRequest(server.url, { method: 'POST', body: wholeBody('x') });
    await expect(transport.send(post)).rejects.toThrowError(ReadError);
    expect(server.connections).toHaveLength(1);
  });

  it('fails a PUT whose body cannot be had again', async () => {
    const server = await startFickle(({ socket }) => void socket.resetAndDestroy());
    const transport = open();
    await transport.send(makeRequest(server.url));
    const put = makeRequest(server.url, { method: 'PUT', body: streamedBody([Buffer.from('x')]) });
    await expect(transport.send(put)).rejects.toMatchObject({
      phase: expect.stringMatching(/send|head/),
    });
    expect(server.connections).toHaveLength(1);
  });

  it('is tried again once only, and never on a fresh connection', async () => {
    const server = await startFaultyServer();
    closing(server);
    const transport = open();
    await transport.send(makeRequest(`${server.url}/ok`));
    await expect(transport.send(makeRequest(`${server.url}/rst`))).rejects.toMatchObject({
      code: 'RESET',
    });
    expect(server.connections).toBe(2);
    await expect(transport.send(makeRequest(`${server.url}/rst`))).rejects.toMatchObject({
      code: 'RESET',
    });
    expect(server.connections).toBe(3);
  });

  it('right after each answer, without saying so, loses no POST', async () => {
    const server = await scripted(({ socket }) => void socket.end(HELLO_ANSWER));
    const transport = open();
    for (let round = 0; round < 20; round += 1) {
      const post = makeRequest(server.url, { method: 'POST', body: wholeBody('x') });
      expect((await transport.send(post)).status).toBe(200);
    }
  });
});

/** A server in memory that answers every read with a small response that has `field` in it. */
function answerEach(
  link: Link,
  field: string,
): ReturnType<ConstructorParameters<typeof MemoryNetwork>[0]> {
  const answer = `HTTP/1.1 200 OK\r\n${field}Content-Length: 0\r\n\r\n`;
  return {
    onOpen() {},
    onBytes: () => void link.write(answer),
    onDrain() {},
    onEnd: () => link.end(),
    onClose() {},
  };
}
