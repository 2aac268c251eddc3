import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { bun, onBun, onPort, type Way } from './ways.fixture.ts';

const open: WebSocket[] = [];

/** A client, and what it was sent. */
class Client {
  readonly socket: WebSocket;
  readonly #messages: string[] = [];
  #wake: () => void = () => {};

  constructor(port: number, path: string, protocols: string[] = []) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols);
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.#messages.push(`${isBinary ? 'binary ' : ''}${String(data)}`);
      this.#wake();
    });
    this.socket.on('close', (code, reason) => {
      this.#messages.push(`close ${code} ${String(reason)}`);
      this.#wake();
    });
    open.push(this.socket);
  }

  /** The next message, or `close` with its code. */
  async next(): Promise<string> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#messages.shift()!;
  }
}

async function refusalOf(port: number, path: string): Promise<IncomingMessage & { body: string }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`).on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let body = '';
  for await (const piece of response) body += String(piece);
  socket.terminate();
  return Object.assign(response, { body });
}

function describeSockets(name: string, start: () => Promise<Way>): void {
  describe(`WebSocket routes: ${name}`, () => {
    let way: Way;
    beforeAll(async () => (way = await start()));
    afterEach(() => {
      for (const socket of open.splice(0)) socket.terminate();
      expect(way.reports()).toBe(0);
    });
    afterAll(() => way.end());

    it('agree on a protocol, know their parameters, and converse in text and bytes', async () => {
      const client = new Client(way.port, '/ws/echo/a%20b', ['c', 'a']);
      expect(await client.next()).toBe('hello a b a');
      client.socket.send('grün');
      expect(await client.next()).toBe('grün');
      client.socket.send(Buffer.from('x'.repeat(300_000)));
      expect(await client.next()).toBe(`binary ${'x'.repeat(300_000)}`);
      client.socket.send('');
      expect(await client.next()).toBe('');
    });

    it('answer pings, and put fragments together', async () => {
      const client = new Client(way.port, '/ws/echo/a');
      expect(await client.next()).toBe('hello a ');
      const ponged = once(client.socket, 'pong');
      client.socket.ping('there?');
      expect(String((await ponged)[0])).toBe('there?');
      client.socket.send('one ', { fin: false });
      client.socket.send('two', { fin: true });
      expect(await client.next()).toBe('one two');
    });

    it('are closed by the client, by the server, or lost', async () => {
      const byClient = new Client(way.port, '/ws/echo/a');
      await byClient.next();
      byClient.socket.close(3000, 'bye');
      expect(await byClient.next()).toMatch(/^close 3000/);
      const byServer = new Client(way.port, '/ws/echo/a');
      await byServer.next();
      byServer.socket.send('close');
      expect(await byServer.next()).toBe('close 4001 asked to');
      const lost = new Client(way.port, '/ws/echo/a');
      await lost.next();
      lost.socket.send('lose');
      expect(await lost.next()).toBe('close 1006 ');
    });

    it('are closed for a message that is too large', async () => {
      const client = new Client(way.port, '/ws/echo/a');
      await client.next();
      client.socket.send('x'.repeat(500_000));
      expect(await client.next()).toMatch(/^close 1009/);
    });

    it('have topics', async () => {
      const [one, two, three] = [1, 2, 3].map(() => new Client(way.port, '/ws/room'));
      for (const client of [one!, two!, three!]) expect(await client.next()).toBe('in');
      one!.socket.send('to all');
      expect(await two!.next()).toBe('to all');
      expect(await three!.next()).toBe('to all');
    });

    it('are read like an iterable', async () => {
      const client = new Client(way.port, '/ws/read');
      await once(client.socket, 'open');
      for (const message of ['1', '2', 'end']) client.socket.send(message);
      expect(await client.next()).toBe('read 1');
      expect(await client.next()).toBe('read 2');
      expect(await client.next()).toBe('close 1000 read all');
    });

    it('refuse, with a status, fields and a text', async () => {
      const refused = await refusalOf(way.port, '/ws/refused');
      expect([refused.statusCode, refused.headers['x-why'], refused.body]).toEqual([
        418,
        'tea',
        'no\n',
      ]);
      const thrown = await refusalOf(way.port, '/ws/thrown');
      expect([thrown.statusCode, thrown.headers['content-type']]).toEqual([
        403,
        'application/problem+json',
      ]);
      expect((await refusalOf(way.port, '/ws/nowhere')).statusCode).toBe(404);
      expect((await refusalOf(way.port, '/object')).statusCode).toBe(200);
    });

    it('tell a request without a handshake to upgrade', async () => {
      const got = await fetch(`http://127.0.0.1:${way.port}/ws/room`);
      expect([got.status, got.headers.get('sec-websocket-version')]).toEqual([426, '13']);
    });
  });
}

describeSockets('wire', () => onPort({ server: 'wire' }));
describeSockets('node', () => onPort({ server: 'node' }));
describe.runIf(bun !== null)('on Bun', () => {
  describeSockets('wire', () => onBun('wire'));
  describeSockets('bun', () => onBun('bun'));
});
