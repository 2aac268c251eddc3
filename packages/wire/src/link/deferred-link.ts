import type { OpenedSocket } from './dialer.ts';
import type { Link, LinkHandler } from './link.ts';
import { SocketLink } from './socket-link.ts';

/**
 * A link over a socket that somebody else opens in their own way: through a proxy, or ahead of time. `open` gets a
 * signal that says nobody waits any more; what it rejects with, `onClose` tells. `where` is the address that errors name.
 */
export function deferredLink(
  where: string,
  handler: LinkHandler,
  open: (signal: AbortSignal) => Promise<OpenedSocket>,
): Link {
  const link = new SocketLink(where);
  link.attach(handler);
  const abandon = new AbortController();
  link.whileOpening(() => abandon.abort());
  open(abandon.signal).then(
    ({ socket, timings }) => {
      link.follow(socket);
      if (link.gone) {
        socket.destroy();
        return;
      }
      socket.on('data', (chunk: Buffer) => link.receive(chunk, chunk.length));
      // Whoever spoke over it before may have paused it.
      socket.resume();
      link.opened(timings);
    },
    (error: Error) => link.closed(error),
  );
  return link;
}
