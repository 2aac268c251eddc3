import { parentPort, workerData } from 'node:worker_threads';
import { tellThread } from '../workers/system-thread.ts';
import { portable } from './portable-definition.ts';
import type { Evaluated, EvaluationStart } from './evaluate-module.ts';

const PULSE_EVERY_MS = 50;

// Entry of a thread: evaluates one module, and tells what it exports.
const { moduleUrl, pulse, threadPlace } = workerData as EvaluationStart;
tellThread(threadPlace);
const beats = new Int32Array(pulse);
// It also keeps the thread alive while a module waits for what never happens.
setInterval(() => Atomics.add(beats, 0, 1), PULSE_EVERY_MS);

const tell = (evaluated: Evaluated): void => parentPort!.postMessage(evaluated);

const threw = (error: unknown): void => {
  if (!(error instanceof Error))
    return tell({ type: 'threw', name: null, message: String(error), stack: '' });
  const { name, message, stack = '' } = error;
  tell({ type: 'threw', name, message, stack });
};
process.on('uncaughtException', threw);

try {
  const module = (await import(moduleUrl)) as Readonly<Record<string, unknown>>;
  const hasDefault = 'default' in module;
  tell({ type: 'done', hasDefault, exported: hasDefault ? portable(module['default']) : null });
} catch (error) {
  threw(error);
}
