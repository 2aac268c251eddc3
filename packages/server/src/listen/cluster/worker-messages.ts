import type { Cluster } from 'node:cluster';
import type { Closing } from './cluster-options.ts';

/** Set in the processes that serve: their number, from 1 on. */
export const WORKER_VARIABLE = 'NEEDLETAIL_WORKER';

/** From a worker. */
export type WorkerReport =
  | { readonly needletail: 'listening'; readonly port: number; readonly host: string }
  | { readonly needletail: 'failed'; readonly message: string };

/** To a worker: end in good order. */
export interface StopOrder extends Closing {
  readonly needletail: 'stop';
}

export function isWorkerReport(message: unknown): message is WorkerReport {
  const kind = kindOf(message);
  return kind === 'listening' || kind === 'failed';
}

export function isStopOrder(message: unknown): message is StopOrder {
  return kindOf(message) === 'stop';
}

/** Whether this process was started to serve; what such a process starts has the variable too, and is none. */
export function isWorkerProcess(): boolean {
  // Few programs have workers; the others need not load what starts them.
  if (process.env[WORKER_VARIABLE] === undefined) return false;
  return (process.getBuiltinModule('node:cluster') as unknown as Cluster).isWorker;
}

function kindOf(message: unknown): unknown {
  return (message as { needletail?: unknown } | null)?.needletail;
}
