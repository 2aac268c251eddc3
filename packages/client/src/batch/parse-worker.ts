// The entry of a worker thread: calls one function of the user's module on each message, and answers each with one.
import { parentPort, workerData } from 'node:worker_threads';

/** What a thread is told when it starts. */
export interface ParseWorkerStart {
  readonly module: string;
  readonly exportName: string;
}

export interface ParseJob {
  readonly bytes: Uint8Array;
  readonly item: unknown;
}

export type ParseOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ThrownInWorker };

/** An error in parts: what a structured clone would leave of one differs from class to class. */
export interface ThrownInWorker {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

type ParseFunction = (bytes: Uint8Array, item: unknown) => unknown;

if (parentPort === null) {
  throw new Error('This module is the entry of a worker thread. Start it with new Worker().');
}
const port = parentPort;
const { module, exportName } = workerData as ParseWorkerStart;
const loading = load();
// Each job reports it; that no job has come yet must not end the thread.
loading.catch(() => undefined);

async function load(): Promise<ParseFunction> {
  const exports = (await import(module)) as Readonly<Record<string, unknown>>;
  const found = exports[exportName];
  if (typeof found === 'function') return found as ParseFunction;
  const names = Object.keys(exports).join(', ');
  throw new TypeError(`${module} exports no function ${exportName}, only: ${names}`);
}

async function answer({ bytes, item }: ParseJob): Promise<void> {
  try {
    const parse = await loading;
    const value = await parse(bytes, item);
    port.postMessage({ ok: true, value } satisfies ParseOutcome);
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const { name, message, stack } = error;
    port.postMessage({ ok: false, error: { name, message, stack } } satisfies ParseOutcome);
  }
}

port.on('message', (job: ParseJob) => void answer(job));
