import type { Backend } from './backend.ts';
import { listenOnWire } from './listen-on-wire.ts';

export const wireBackend: Backend = {
  name: 'wire',
  isAvailable: () => ({ available: true, reason: 'needs node:net only, which Node and Bun have' }),
  listen: listenOnWire,
};
