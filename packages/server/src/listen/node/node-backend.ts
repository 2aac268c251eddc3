import type { Backend } from '../backend.ts';
import { listenOnNode } from './listen-on-node.ts';

const IS_BUN = 'bun' in process.versions;

export const nodeBackend: Backend = {
  name: 'node',
  isAvailable: () =>
    IS_BUN
      ? { available: false, reason: 'the node:http of Bun stands on Bun.serve' }
      : { available: true, reason: 'node:http, and node:http2 over TLS' },
  listen: listenOnNode,
};
