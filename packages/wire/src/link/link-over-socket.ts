import type { Socket } from 'node:net';
import type { Link, LinkHandler } from './link.ts';
import { SocketLink } from './socket-link.ts';

const OPENED_BEFORE = { connectMs: 0, tlsMs: 0 };

/**
 * A link over a socket that is open, and that nobody else reads: one that node:http hands over at an upgrade, for instance.
 * The handler gets no `onOpen`; `received`, which came before, goes to it first.
 */
export function linkOverSocket(
  socket: Socket,
  received: Buffer,
  accept: (link: Link) => LinkHandler,
): void {
  const { remoteAddress = 'unix socket', remotePort = '' } = socket;
  const link = new SocketLink(`${remoteAddress}:${remotePort}`);
  link.follow(socket);
  link.opened(OPENED_BEFORE);
  link.attach(accept(link));
  if (received.length > 0) link.receive(received, received.length);
  socket.on('data', (chunk: Buffer) => link.receive(chunk, chunk.length));
}
