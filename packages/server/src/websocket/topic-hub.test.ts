import { describe, expect, it } from 'vitest';
import type { ServerWebSocket } from './server-websocket.ts';
import { closing, messages, SocketTestServer } from './socket-test-server.fixture.ts';

const server = new SocketTestServer();

/** Rooms: a message is published to the others in the room `all`. */
const room = {
  open: (socket: ServerWebSocket<undefined>) => socket.subscribe('all'),
  message: (socket: ServerWebSocket<undefined>, message: string | Buffer) =>
    socket.publish('all', message),
};

describe('TopicHub.publish', () => {
  it('reaches every subscriber of the topic and nobody else', async () => {
    const sockets: ServerWebSocket<undefined>[] = [];
    await server.start({ open: (socket) => void sockets.push(socket) });
    const clients = await Promise.all([1, 2, 3].map(() => server.connect()));
    sockets[0]!.subscribe('news');
    sockets[1]!.subscribe('news');
    sockets[1]!.subscribe('sport');
    const all = Promise.all([messages(clients[0]!, 1), messages(clients[1]!, 2)]);
    expect(server.hub.publish('news', 'n')).toBe(2);
    expect(server.hub.publish('sport', 's')).toBe(1);
    expect(server.hub.publish('weather', 'w')).toBe(0);
    expect(await all).toEqual([['n'], ['n', 's']]);
    expect(server.hub.broadcast('all')).toBe(3);
    expect(await messages(clients[2]!, 1)).toEqual(['all']);
  });

  it('leaves the sender out when a socket publishes', async () => {
    await server.start(room);
    const clients = await Promise.all([1, 2, 3].map(() => server.connect()));
    const others = Promise.all(clients.slice(1).map((client) => messages(client, 2)));
    clients[0]!.send('one');
    clients[0]!.send('two');
    expect(await others).toEqual([
      ['one', 'two'],
      ['one', 'two'],
    ]);
    const first = messages(clients[0]!, 1);
    clients[1]!.send('three');
    expect(await first).toEqual(['three']);
  });

  it('keeps the order of what a socket is sent and what is published to it', async () => {
    const sockets: ServerWebSocket<undefined>[] = [];
    await server.start({
      open(socket) {
        socket.subscribe('all');
        sockets.push(socket);
      },
    });
    const client = await server.connect();
    const got = messages(client, 6);
    void sockets[0]!.send('1');
    server.hub.publish('all', '2');
    void sockets[0]!.send('3');
    server.hub.publish('all', 'x'.repeat(20_000));
    void sockets[0]!.send('5');
    server.hub.broadcast(Buffer.from('6'));
    expect((await got).map((one) => one[0])).toEqual(['1', '2', '3', 'x', '5', '6']);
  });

  it('reaches hundreds, in turns', async () => {
    await server.start(room);
    const clients = await Promise.all(Array.from({ length: 400 }, () => server.connect()));
    await server.until(() => server.hub.subscriberCount('all') === 400);
    const all = clients.map((client) => messages(client, 3));
    expect(server.hub.publish('all', 'a')).toBe(400);
    expect(server.hub.publish('all', 'b')).toBe(400);
    setImmediate(() => server.hub.publish('all', 'c'));
    for (const got of await Promise.all(all)) expect(got).toEqual(['a', 'b', 'c']);
  });

  it('compresses for those that agreed to it', async () => {
    await server.start({ ...room, deflate: { thresholdBytes: 0 } });
    const clients = [
      await server.connect({ perMessageDeflate: true }),
      await server.connect(),
      await server.connect({ perMessageDeflate: { serverMaxWindowBits: 10 } }),
    ];
    const all = Promise.all(clients.map((client) => messages(client, 1)));
    const message = 'squeeze '.repeat(1000);
    server.hub.publish('all', message);
    expect(await all).toEqual([[message], [message], [message]]);
  });

  it('does not change what was published when the caller goes on using its bytes', async () => {
    await server.start(room);
    const client = await server.connect();
    const got = messages(client, 1);
    const bytes = Buffer.alloc(100_000, 'a');
    server.hub.publish('all', bytes);
    bytes.fill('b');
    expect(await got).toEqual(['a'.repeat(100_000)]);
  });
});

describe('ServerWebSocket.subscribe', () => {
  it('ends with unsubscribe, and with the connection', async () => {
    const sockets: ServerWebSocket<undefined>[] = [];
    await server.start({ open: (socket) => void sockets.push(socket) });
    const client = await server.connect();
    const [socket] = sockets;
    socket!.subscribe('a');
    socket!.subscribe('a');
    socket!.subscribe('b');
    expect([server.hub.subscriberCount('a'), socket!.topics]).toEqual([1, ['a', 'b']]);
    socket!.unsubscribe('a');
    socket!.unsubscribe('never');
    expect(server.hub.topics()).toEqual(['b']);
    client.terminate();
    await server.until(() => server.hub.socketCount === 0);
    expect(server.hub.topics()).toEqual([]);
    socket!.subscribe('late');
    expect(server.hub.topics()).toEqual([]);
  });
});

describe('TopicHub.closeAll', () => {
  it('closes with 1001, behind what was sent, and waits', async () => {
    await server.start(room);
    const clients = await Promise.all([1, 2, 3].map(() => server.connect()));
    const last = Promise.all(clients.map((client) => messages(client, 1)));
    const ends = Promise.all(clients.map((client) => closing(client)));
    server.hub.broadcast('last words');
    await server.hub.closeAll();
    expect(server.hub.socketCount).toBe(0);
    expect(await last).toEqual([['last words'], ['last words'], ['last words']]);
    expect(await ends).toEqual(['1001', '1001', '1001']);
  });

  it('drops those that do not answer when its time is over', async () => {
    await server.start({ ...room, closeTimeoutMs: 60_000 }, { hasFakeClock: true });
    const client = await server.raw();
    const closed = server.hub.closeAll(3_000);
    expect(await client.next()).toBe('close 1001');
    server.clock.advance(2_900);
    expect(server.hub.socketCount).toBe(1);
    server.clock.advance(200);
    await closed;
    expect(await client.rest()).toEqual(['end']);
    expect(server.clock.pendingTimers).toBe(0);
  });

  it('is done at once without sockets', async () => {
    await server.start(room);
    await server.hub.closeAll();
    expect(server.hub.isClosing).toBe(true);
  });
});
