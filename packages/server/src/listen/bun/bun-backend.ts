import type { Backend } from '../backend.ts';
import { bunServe } from './bun-serve.ts';
import { listenOnBun } from './listen-on-bun.ts';

export const bunBackend: Backend = {
  name: 'bun',
  isAvailable: () =>
    bunServe() === undefined
      ? { available: false, reason: 'this is not Bun' }
      : { available: true, reason: 'Bun.serve' },
  listen: listenOnBun,
};
