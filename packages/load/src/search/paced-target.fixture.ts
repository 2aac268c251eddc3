import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PacedTarget {
  readonly url: string;
  close(): Promise<void>;
}

/** A server with a hard cap: answers leave one after the other, `perSecond` of them, in the order requests came. */
export async function startPacedTarget(perSecond: number): Promise<PacedTarget> {
  let nextAt = 0;
  const server = createServer((_request, response) => {
    const now = performance.now();
    nextAt = Math.max(now, nextAt) + 1000 / perSecond;
    // Timers fire up to a millisecond late, the schedule they are set by does not shift with them.
    setTimeout(() => response.end('ok'), nextAt - now);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
