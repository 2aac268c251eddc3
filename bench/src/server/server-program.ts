// One server in a process of its own: prints its port, and after each line on stdin its processor time in microseconds and its
// memory in bytes. Kinds: needletail, node:http, bare (a socket that answers a fixed text to each read); websocket and ws echo
// every message, and send one that begins with `all` to everybody; those of
// frameworks.ts have `framework` before their names.
import { createServer as createHttpServer } from 'node:http';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { encodeFields } from '@needletail/wire';
import { acceptWebSocket, listenOnWire, TopicHub, webSocketEndpoint } from '@needletail/server';
import { WebSocket, WebSocketServer } from 'ws';
import { frameworks } from './frameworks.ts';

const BODY = '{"message":"hello, world"}';
const TYPE = 'application/json';
const KEEP_ALIVE_MS = 600_000;
const BACKLOG = 4096;
const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;

function isForAll(message: string | Buffer): boolean {
  return typeof message === 'string' && message.startsWith('all');
}

const starters: Readonly<Record<string, () => Promise<number>>> = {
  async needletail() {
    const head = encodeFields([['Content-Type', TYPE]]);
    const listening = await listenOnWire((_, reply) => reply.send(200, head, BODY), {
      backlog: BACKLOG,
      timeouts: { keepAliveMs: KEEP_ALIVE_MS, headMs: KEEP_ALIVE_MS },
    });
    return listening.port;
  },
  async 'node:http'() {
    const server = createHttpServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (_, response) => {
      response.writeHead(200, { 'Content-Type': TYPE, 'Content-Length': BODY.length });
      response.end(BODY);
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  },
  async websocket() {
    const hub = new TopicHub();
    const endpoint = webSocketEndpoint({
      maxMessageBytes: MOST_MESSAGE_BYTES,
      open: (socket) => socket.subscribe('all'),
      message: (socket, message) =>
        isForAll(message) ? hub.publish('all', message) : socket.send(message),
    });
    const listening = await listenOnWire((_, reply) => reply.send(404, '', null), {
      backlog: BACKLOG,
      onUpgrade(request, reply, takeOver) {
        void acceptWebSocket(endpoint, { request, reply, takeOver, hub, context: null });
        return true;
      },
    });
    return listening.port;
  },
  async ws() {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      backlog: BACKLOG,
      perMessageDeflate: false,
      maxPayload: MOST_MESSAGE_BYTES,
    });
    server.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => {
        // As a string where it is text: that is what our side is given.
        const message = isBinary ? (data as Buffer) : (data as Buffer).toString();
        if (!isForAll(message)) return socket.send(message);
        for (const one of server.clients) {
          if (one.readyState === WebSocket.OPEN) one.send(message);
        }
      });
    });
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  },
  async bare() {
    const answer =
      `HTTP/1.1 200 OK\r\nDate: ${new Date().toUTCString()}\r\nContent-Type: ${TYPE}\r\n` +
      `Content-Length: ${BODY.length}\r\n\r\n${BODY}`;
    const server = createNetServer({ noDelay: true }, (socket) => {
      socket.on('data', () => socket.write(answer, 'latin1'));
      socket.on('error', () => socket.destroy());
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as AddressInfo).port;
  },
};

const kind = process.argv[2] ?? '';
const start = starters[kind] ?? frameworks[kind.replace(/^framework /, '')];
if (start === undefined) {
  const all = [...Object.keys(starters), ...Object.keys(frameworks)];
  throw new Error(`Give one of ${all.join(', ')}.`);
}
process.stdout.write(`${await start()}\n`);

const commands = createInterface({ input: process.stdin });
commands.on('line', () => {
  // Garbage is no part of what connections cost; this kind of collection gives its pages back too.
  globalThis.gc?.({
    type: 'major',
    execution: 'sync',
    flavor: 'last-resort',
  } as NodeJS.GCOptions);
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stdout.write(
    `${JSON.stringify({ cpuMicros: user + system, rss, heapUsed, external })}\n`,
  );
});
commands.on('close', () => process.exit(0));
