import type { Backend } from '../backend.ts';
import type { Dispatch, Listening } from '../exchange.ts';
import type { ServerOptions } from '../server-options.ts';
import { bunServe } from './bun-serve.ts';

/**
 * Serves on Bun.serve. What it cannot do, and what is refused for that reason, is in docs/server/backends.md. Loaded when it is
 * called.
 */
export async function listenOnBun(
  dispatch: Dispatch,
  options: ServerOptions = {},
): Promise<Listening> {
  const { serveOnBun } = await import('./serve-on-bun.ts');
  return serveOnBun(dispatch, options);
}

export const bunBackend: Backend = {
  name: 'bun',
  isAvailable: () =>
    bunServe() === undefined
      ? { available: false, reason: 'this is not Bun' }
      : { available: true, reason: 'Bun.serve' },
  listen: listenOnBun,
};
