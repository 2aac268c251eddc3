import cluster from 'node:cluster';
import type { Listening } from '../exchange.ts';
import type { Closing, ProcessOptions } from './cluster-options.ts';
import { leave, stopOnSignals } from './stop-signals.ts';
import { isStopOrder, type WorkerReport } from './worker-messages.ts';

/** Listens in a process that `Supervisor` started: tells it so, and ends when it says so or is no more. */
export async function serveAsWorker(
  open: () => Promise<Listening>,
  { onStop, graceMs, signals = true }: ProcessOptions,
): Promise<Listening> {
  let listening: Listening;
  try {
    listening = await open();
  } catch (error) {
    tell({ needletail: 'failed', message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
  const close = (closing: Closing): Promise<void> => listening.close(closing);
  let stopping: Promise<void> | undefined;
  const stop = (closing: Closing): Promise<void> => (stopping ??= (onStop ?? close)(closing));
  const given: Closing = graceMs === undefined ? {} : { graceMs };
  const disconnect = (): void => {
    if (process.connected) process.disconnect();
  };
  process.on('message', (message) => {
    if (isStopOrder(message))
      void stop(message)
        .then(disconnect)
        .then(() => leave(0));
  });
  // Else node:cluster ends a process at once whose first process is gone, and the answers that are under way with it.
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true;
  const orphaned = (): void => void stop(given).then(() => leave(0));
  process.on('disconnect', orphaned);
  if (!process.connected) orphaned();
  if (signals) {
    // A terminal sends SIGINT to all of its processes; the first one says what becomes of the others.
    stopOnSignals(() => stop(given).then(disconnect), ['SIGTERM']);
    process.on('SIGINT', () => undefined);
    process.on('SIGHUP', () => undefined);
  }
  tell({ needletail: 'listening', port: listening.port, host: listening.host });
  return listening;
}

function tell(report: WorkerReport): void {
  if (cluster.worker?.isConnected() === true) process.send!(report);
}
