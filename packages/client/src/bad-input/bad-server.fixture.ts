import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from '@needletail/testkit/certificate';

/** A request head as it came, to be answered by hand. */
interface Peer {
  readonly socket: Socket;
  readonly head: string;
  /** Counts connections from 1. */
  readonly connection: number;
}

export type Serve = (peer: Peer) => void;

/** A server that answers `/ok` as it should, and everything else as a case says. */
export interface BadServer {
  readonly url: string;
  readonly port: number;
  readonly arrivals: readonly { readonly path: string; readonly connection: number }[];
  readonly connections: number;
  close(): Promise<void>;
}

export interface BadServerOptions {
  readonly serve?: Serve;
  /** Takes connections over, without TLS; what comes is read and thrown away. */
  readonly onConnect?: (socket: Socket) => void;
  readonly tls?: Certificate;
}

const HEAD_END = '\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

export async function startBadServer(options: BadServerOptions = {}): Promise<BadServer> {
  const { serve = () => {}, onConnect, tls } = options;
  const arrivals: { path: string; connection: number }[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const accept = (socket: Socket): void => {
    connections += 1;
    const connection = connections;
    track(socket);
    if (onConnect !== undefined) return onConnect(socket.resume());
    readRequests(socket, (head) => {
      const path = head.split(' ', 2)[1] ?? '';
      arrivals.push({ path, connection });
      if (path === '/ok') socket.write(OK);
      else serve({ socket, head, connection });
    });
  };
  const server: Server =
    tls === undefined || onConnect !== undefined
      ? createServer({ noDelay: true }, accept)
      : createTlsServer(tls, accept).on('connection', track);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    arrivals,
    get connections() {
      return connections;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Calls back at each head; bodies are skipped, by their Content-Length or up to their last chunk. */
function readRequests(socket: Socket, onHead: (head: string) => void): void {
  let text = '';
  let left = 0;
  let isChunked = false;
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (;;) {
      if (isChunked) {
        const end = text.indexOf('0\r\n\r\n');
        if (end === -1) return;
        text = text.slice(end + 5);
        isChunked = false;
      }
      const skipped = Math.min(left, text.length);
      left -= skipped;
      text = text.slice(skipped);
      const end = text.indexOf(HEAD_END);
      if (left > 0 || end === -1) return;
      const head = text.slice(0, end);
      text = text.slice(end + HEAD_END.length);
      left = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      isChunked = /^transfer-encoding: *chunked/im.test(head);
      onHead(head);
    }
  });
}

/** Answers with these bytes, of which each character is one. */
export function say(bytes: string): Serve {
  return ({ socket }) => void socket.write(bytes, 'latin1');
}

/** As `say`, and then no more. */
export function sayAndEnd(bytes: string): Serve {
  return ({ socket }) => void socket.end(bytes, 'latin1');
}

/** A complete answer with these fields and this body. */
export function answer(status: string, fields: string, body: string | Uint8Array = ''): Serve {
  return ({ socket }) => {
    const head = `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${body.length}\r\n\r\n`;
    socket.write(head, 'latin1');
    socket.write(body);
  };
}
