import type { Socket } from 'node:net';

const lingering = new WeakSet<Socket>();

/**
 * Has node:http close the sending half after the last answer and read on for up to `drainMs`: by itself it ends with
 * `destroySoon`, which resets a connection that has unread bytes and takes the answer with it (RFC 9112 §9.6).
 */
export function lingerAtEnd(socket: Socket, drainMs: number): void {
  lingering.add(socket);
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), drainMs);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  };
}

/** Whether the connection takes no further request. */
export function isLingering(socket: Socket): boolean {
  return lingering.has(socket);
}
