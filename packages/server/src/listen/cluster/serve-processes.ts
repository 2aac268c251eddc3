import { availableParallelism } from 'node:os';
import { WorkerError } from '../../errors.ts';
import type { Listening } from '../exchange.ts';
import type { ServerOptions } from '../server-options.ts';
import { clearSocketPath } from '../socket-path.ts';
import { DEFAULT_RESTART_LIMITS, type Closing } from './cluster-options.ts';
import { stopOnSignals } from './stop-signals.ts';
import { isWorkerProcess } from './worker-messages.ts';

let isSupervising = false;

/** Does what `workers` and `signals` say around `open`, which listens in this process. */
export async function serveProcesses(
  open: () => Promise<Listening>,
  options: ServerOptions,
): Promise<Listening> {
  const { workers } = options;
  if (workers === undefined) return serveAlone(open, options);
  const count = workers === 'auto' ? availableParallelism() : workers;
  if (!Number.isInteger(count) || count < 1) {
    throw new WorkerError('INVALID_WORKERS', `${workers} is no number of processes`, 'workers');
  }
  if (isWorkerProcess()) {
    const { serveAsWorker } = await import('./serve-as-worker.ts');
    return serveAsWorker(open, options);
  }
  if (isSupervising) {
    throw new WorkerError('INVALID_WORKERS', 'this process has workers already', 'workers');
  }
  isSupervising = true;
  try {
    return await supervise(count, options);
  } catch (error) {
    isSupervising = false;
    throw error;
  }
}

async function serveAlone(
  open: () => Promise<Listening>,
  { signals = false, graceMs, onStop }: ServerOptions,
): Promise<Listening> {
  const listening = await open();
  if (!signals) return listening;
  const given: Closing = graceMs === undefined ? {} : { graceMs };
  const stop = onStop ?? ((closing: Closing): Promise<void> => listening.close(closing));
  const forget = stopOnSignals(() => stop(given));
  const close = listening.close.bind(listening);
  return Object.assign(listening, {
    close: (closing?: Closing) => close(closing).finally(forget),
  });
}

async function supervise(count: number, options: ServerOptions): Promise<Listening> {
  const { socketPath, signals = true, graceMs, onStop } = options;
  if (socketPath !== undefined) await clearSocketPath(socketPath);
  const onError = options.onError ?? ((error: unknown): void => console.error(String(error)));
  const { Supervisor } = await import('./supervisor.ts');
  const supervisor = new Supervisor({
    count,
    limits: { ...DEFAULT_RESTART_LIMITS, ...options.restarts },
    onError: (error) => onError(error),
    onGivenUp(error) {
      console.error(error.message);
      process.exit(1);
    },
  });
  const given: Closing = graceMs === undefined ? {} : { graceMs };
  const place = await supervisor.start();
  const restart = (): Promise<void> => supervisor.restart(given);
  const onHangUp = (): void => void restart().catch(onError);
  let forget = (): void => undefined;
  const listening: Listening = {
    ...place,
    restart,
    async close(closing = given) {
      await supervisor.stop(closing);
      process.off('SIGHUP', onHangUp);
      forget();
      isSupervising = false;
    },
  };
  if (signals) {
    process.on('SIGHUP', onHangUp);
    const stop = onStop ?? ((closing: Closing): Promise<void> => listening.close(closing));
    forget = stopOnSignals(() => stop(given));
  }
  return listening;
}
