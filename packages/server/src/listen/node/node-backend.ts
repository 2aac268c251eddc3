import type { Backend } from '../backend.ts';
import type { Dispatch, Listening } from '../exchange.ts';
import type { ServerOptions } from '../server-options.ts';

const IS_BUN = 'bun' in process.versions;

/**
 * Serves on node:http; with a certificate on node:http2, which takes HTTP/1.1 from clients that offer nothing else. What it does
 * otherwise than the wire is in docs/server/backends.md. Loaded when it is called.
 */
export async function listenOnNode(
  dispatch: Dispatch,
  options: ServerOptions = {},
): Promise<Listening> {
  const { serveOnNode } = await import('./serve-on-node.ts');
  return serveOnNode(dispatch, options);
}

export const nodeBackend: Backend = {
  name: 'node',
  isAvailable: () =>
    IS_BUN
      ? { available: false, reason: 'the node:http of Bun stands on Bun.serve' }
      : { available: true, reason: 'node:http, and node:http2 over TLS' },
  listen: listenOnNode,
};
