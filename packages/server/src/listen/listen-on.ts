import { BackendError } from '../errors.ts';
import type { Backend, BackendName } from './backend.ts';
import type { Dispatch, Listening } from './exchange.ts';
import type { ServerOptions } from './server-options.ts';
import { bunBackend } from './bun/bun-backend.ts';
import { serveProcesses } from './cluster/serve-processes.ts';
import { nodeBackend } from './node/node-backend.ts';
import { wireBackend } from './wire-backend.ts';

/** Names the backend of a program that does not choose one itself. */
export const SERVER_VARIABLE = 'NEEDLETAIL_SERVER';

/** In the order in which they are reported; the first is the default. */
export const BACKENDS: readonly Backend[] = [wireBackend, nodeBackend, bunBackend];

/** A listener, and the backend that it is of. */
export interface BackendListening extends Listening {
  readonly backend: BackendName;
}

/**
 * Serves on the backend called `name`; without a name on the one that the environment variable `NEEDLETAIL_SERVER` calls, else
 * on `wire`. Rejects with a BackendError when there is no such backend or this runtime lacks it.
 */
export async function listenOn(
  name: BackendName | undefined,
  dispatch: Dispatch,
  options: ServerOptions = {},
): Promise<BackendListening> {
  const backend = chooseBackend(name);
  const listening = await serveProcesses(() => backend.listen(dispatch, options), options);
  return Object.assign(listening, { backend: backend.name });
}

/** The backend that `listenOn` takes; throws a BackendError. */
function chooseBackend(name: BackendName | undefined): Backend {
  const forced = name ?? (process.env[SERVER_VARIABLE] || undefined);
  if (forced === undefined) return wireBackend;
  const by = name === undefined ? SERVER_VARIABLE : 'server option';
  const found = BACKENDS.find((backend) => backend.name === forced);
  if (found === undefined) {
    const names = BACKENDS.map((backend) => backend.name).join(', ');
    throw new BackendError('UNKNOWN_BACKEND', `there is none called ${forced}`, by, `Use ${names}`);
  }
  const { available, reason } = found.isAvailable();
  if (available) return found;
  throw new BackendError(
    'NO_BACKEND',
    reason,
    `${forced}, by ${by}`,
    'Leave it out: wire runs here',
  );
}
