import { Worker } from 'node:worker_threads';
import { lineOfHang } from '../workers/line-of-hang.ts';
import { createThreadPlace, endThread } from '../workers/system-thread.ts';
import { revived } from './portable-definition.ts';

/** What the thread of a module is started with; `pulse` counts while its event loop turns. */
export interface EvaluationStart {
  readonly moduleUrl: string;
  readonly pulse: SharedArrayBuffer;
  /** For `tellThread`. */
  readonly threadPlace: SharedArrayBuffer;
}

/** What the thread of a module tells. */
export type Evaluated =
  | { readonly type: 'done'; readonly hasDefault: boolean; readonly exported: unknown }
  /** The name of an error; null for what is none. */
  | {
      readonly type: 'threw';
      readonly name: string | null;
      readonly message: string;
      readonly stack: string;
    };

/** How the evaluation of a module came to an end. */
export type Evaluation =
  | { readonly outcome: 'done'; readonly hasDefault: boolean; readonly exported: unknown }
  | (Extract<Evaluated, { type: 'threw' }> & { readonly outcome: 'threw' })
  /** It waits, and nothing happens that it may wait for. */
  | { readonly outcome: 'waits' }
  /** It does not give way; `line` of a stack, where it can be told. */
  | { readonly outcome: 'loops'; readonly afterMs: number; readonly line: string | null }
  /** It ended its thread. */
  | { readonly outcome: 'exited' };

const LOOK_EVERY_MS = 100;
/** A pulse that stood still for so long is that of a thread which does not give way. */
const STILL_MS = 1000;
const THREAD = 'needletail-definition';

const IS_SOURCE = import.meta.url.endsWith('.ts');
const ENTRY = new URL(
  IS_SOURCE ? '../../dist/bundle/definition-worker.js' : '../bundle/definition-worker.js',
  import.meta.url,
);

/**
 * Evaluates a module in a thread of its own, so that one which loops, waits for ever or ends its process does not do so to
 * this thread. Gives its default export with stands for code, which is never called here. One that waits is given up after
 * `limitMs`, one that is busy after half as long again.
 */
export async function evaluateModule(
  moduleUrl: string,
  limitMs: number,
  show: (stack: string) => string | null,
): Promise<Evaluation> {
  const pulse = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const threadPlace = createThreadPlace();
  const workerData: EvaluationStart = { moduleUrl, pulse, threadPlace };
  const thread = new Worker(ENTRY, {
    workerData,
    name: THREAD,
    ...(IS_SOURCE ? { execArgv: [] } : {}),
  });
  let watch: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Evaluation>((resolve) => {
      thread.on('message', (told: Evaluated) => resolve(evaluationOf(told)));
      thread.on('error', ({ name, message, stack = '' }) =>
        resolve({ outcome: 'threw', type: 'threw', name, message, stack }),
      );
      thread.on('exit', () => resolve({ outcome: 'exited' }));
      watch = watchPulse(new Int32Array(pulse), limitMs, (isWaiting, afterMs) => {
        clearInterval(watch);
        if (isWaiting) resolve({ outcome: 'waits' });
        else
          void lineOfHang(THREAD, show).then(({ line }) =>
            resolve({ outcome: 'loops', afterMs, line }),
          );
      });
    });
  } finally {
    clearInterval(watch);
    await endThread(thread, threadPlace);
  }
}

function evaluationOf(told: Evaluated): Evaluation {
  if (told.type === 'threw') return { outcome: 'threw', ...told };
  const { hasDefault, exported } = told;
  return { outcome: 'done', hasDefault, exported: revived(exported) };
}

/** Calls `giveUp` when the thread has waited, or kept itself busy, for longer than it may. */
function watchPulse(
  pulse: Int32Array,
  limitMs: number,
  giveUp: (isWaiting: boolean, afterMs: number) => void,
): NodeJS.Timeout {
  const startedAt = performance.now();
  let beats = 0;
  let beatAt = startedAt;
  return setInterval(() => {
    const now = performance.now();
    const count = Atomics.load(pulse, 0);
    if (count !== beats) beatAt = now;
    beats = count;
    const afterMs = now - startedAt;
    const isStill = now - beatAt > STILL_MS;
    if (afterMs > (isStill ? 1.5 * limitMs : limitMs)) giveUp(!isStill, afterMs);
  }, LOOK_EVERY_MS);
}
