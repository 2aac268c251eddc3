import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadStart } from './workers/messages.ts';
import { tellThread } from './workers/system-thread.ts';

const port = parentPort;
if (port === null)
  throw new Error('This module is the entry of a worker thread. Start it with new Worker().');

const start = workerData as ThreadStart;
tellThread(start.threadPlace);
// Loaded on demand: the client, which only scripts need, costs more to load than all the rest.
if (start.script === null) {
  const { runRequests } = await import('./workers/raw-worker.ts');
  runRequests(port, start);
} else {
  const { runScripts } = await import('./scenario/script-worker.ts');
  runScripts(port, start);
}
