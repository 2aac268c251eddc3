// Over real sockets: what is told of WebSockets and event streams, in the order in which it happened.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserFunction } from '../scenario/definition.ts';
import { runDefinition } from '../scenario/run-definition.ts';
import type { TracedMessage } from './traced-message.ts';

let server: Server;
let host = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('id: 7\nevent: price\ndata: 1\n\ndata: 2\ndata: 3\n\n');
    if (request.url === '/ends') response.end();
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, { url }) => {
    if (url === '/drops') socket.terminate();
    socket.on('message', (data, isBinary) => {
      if (String(data as Buffer) === 'bye') socket.close(4001, 'see you');
      else socket.send(data as Buffer, { binary: isBinary });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** One iteration; what was told of it, with data as text. */
async function traced(user: UserFunction): Promise<readonly TracedMessage[]> {
  const told: TracedMessage[] = [];
  await runDefinition(
    { target: `http://${host}`, load: { users: 1, iterations: 1 }, user: user as never },
    { onMessage: (message) => told.push(message) },
  );
  for (const { atMs } of told) expect(atMs).toBeGreaterThanOrEqual(0);
  return told;
}

function brief(message: TracedMessage): string {
  const { type, name, connection } = message;
  const said = ((): string => {
    if (type === 'sent' || type === 'received') {
      const { isText, data } = message;
      const text = isText
        ? Buffer.from(data.head).toString()
        : Buffer.from(data.head).toString('hex');
      return `${text} (${data.sizeBytes})`;
    }
    if (type === 'event')
      return `${message.event} ${message.id} ${JSON.stringify(Buffer.from(message.data.head).toString())}`;
    if (type === 'closing' || type === 'closed') return `${message.code} ${message.reason}`;
    return '';
  })();
  return `${name} #${connection} ${type} ${said}`.trim();
}

describe('a traced WebSocket', () => {
  it('tells of handshake, questions and answers, and how the server closed', async () => {
    const told = await traced(async ({ http }) => {
      const socket = await http.websocket(`ws://me:tops3cret@${host}/chat`);
      await socket.ask('hello');
      await socket.ask(Uint8Array.of(1, 255));
      socket.send('bye');
      await socket.closed;
    });
    expect(told.map(brief)).toEqual([
      'WS /chat #1 opened',
      'WS /chat #1 sent hello (5)',
      'WS /chat #1 received hello (5)',
      'WS /chat #1 sent 01ff (2)',
      'WS /chat #1 received 01ff (2)',
      'WS /chat #1 sent bye (3)',
      'WS /chat #1 closed 4001 see you',
    ]);
    const [opened] = told as [TracedMessage & { readonly type: 'opened' }];
    expect(opened.url).toBe(`ws://me:[masked]@${host}/chat`);
    expect(opened.headers.map(([name]) => name.toLowerCase())).toContain('sec-websocket-accept');
  });

  it('tells the same whichever way messages are read, and of this side closing', async () => {
    const told = await traced(async ({ http }) => {
      const socket = await http.websocket('/chat', { name: 'chat' });
      const came = new Promise((resolve) => (socket.onMessage = resolve));
      socket.send('one');
      await came;
      await socket.close(1000, 'done');
      const other = await http.websocket('/chat');
      other.send('x'.repeat(5000));
      for await (const message of other) {
        expect(message).toHaveLength(5000);
        break;
      }
      await other.close();
    });
    expect(told.map(brief)).toEqual([
      'chat #1 opened',
      'chat #1 sent one (3)',
      'chat #1 received one (3)',
      'chat #1 closing 1000 done',
      'chat #1 closed 1000 done',
      'WS /chat #2 opened',
      `WS /chat #2 sent ${'x'.repeat(2048)} (5000)`,
      `WS /chat #2 received ${'x'.repeat(2048)} (5000)`,
      'WS /chat #2 closing 1000',
      'WS /chat #2 closed 1000',
    ]);
  });

  it('tells why one broke, and why one never came about', async () => {
    const told = await traced(async ({ http }) => {
      const socket = await http.websocket('/drops');
      await socket.closed;
      await http.websocket('ws://127.0.0.1:1/').catch(() => undefined);
    });
    expect(told.map(brief)).toEqual([
      'WS /drops #1 opened',
      'WS /drops #1 closed 1006',
      expect.stringMatching(/^WS .* #2 refused$/),
    ]);
    expect(told[1]).toMatchObject({ error: expect.stringContaining('without a close frame') });
    expect(told[2]).toMatchObject({ error: expect.stringContaining('nothing listens there') });
  });
});

describe('a traced event stream', () => {
  it('tells of each event and of the end, whoever ends it', async () => {
    const told = await traced(async ({ http }) => {
      for await (const event of http.events('/ends', { reconnect: false })) void event;
      for await (const event of http.events('/goes-on', { name: 'prices' })) {
        if (event.event === 'price') break;
      }
    });
    expect(told.map(brief)).toEqual([
      'GET /ends #1 event price 7 "1"',
      String.raw`GET /ends #1 event message 7 "2\n3"`,
      'GET /ends #1 ended',
      'prices #2 event price 7 "1"',
      'prices #2 ended',
    ]);
    expect(told.at(-1)).toMatchObject({ error: null });
  });

  it('tells why one could not be had', async () => {
    const told = await traced(async ({ http }) => {
      const stream = http.events('http://127.0.0.1:1/', { reconnect: false });
      for await (const event of stream) void event;
    });
    expect(told).toMatchObject([
      { type: 'ended', error: expect.stringContaining('Cannot connect') },
    ]);
  });
});
