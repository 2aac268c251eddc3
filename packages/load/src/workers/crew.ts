import { Worker } from 'node:worker_threads';
import type { FailureCount } from '../collect/run-summary.ts';
import type { RawScriptError } from '../collect/script-errors.ts';
import { ScriptTally } from '../collect/script-tally.ts';
import { Tally } from '../collect/tally.ts';
import type {
  Floor,
  FromWorker,
  ScriptFault,
  ThreadStart,
  ToWorker,
  WorkerStart,
} from './messages.ts';
import type { TracedExchange } from '../trace/traced-exchange.ts';
import type { TracedMessage } from '../trace/traced-message.ts';
import { Stage } from './stage.ts';
import { createThreadPlace, endThread } from './system-thread.ts';

/** Room for short-lived objects: collections stay rare and, as next to nothing survives them, short. */
const YOUNG_GENERATION_MB = 64;

/** Threads run what was built also when the main thread runs the source, as in tests: without its loader or conditions. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER_ENTRY = new URL(
  IS_SOURCE ? '../../dist/bundle/worker.js' : '../bundle/worker.js',
  import.meta.url,
);

/** What debuggers and processor figures call the thread of a worker. */
export function nameOfThread(worker: number): string {
  return `needletail-${worker}`;
}

/** What runs the part of a worker: a thread, or this one. */
export interface CrewRunner {
  post(message: ToWorker): void;
  terminate(): Promise<void>;
}

interface CrewHandlers {
  readonly onMessage: (message: FromWorker) => void;
  readonly onError: (error: unknown) => void;
}

/** Starts the part of one worker; tells what comes from it. */
export type StartRunner = (start: WorkerStart, handlers: CrewHandlers) => CrewRunner;

/** In a thread of its own. */
export const startThread: StartRunner = (start, { onMessage, onError }) => {
  const threadPlace = createThreadPlace();
  const workerData: ThreadStart = { ...start, threadPlace };
  const thread = new Worker(WORKER_ENTRY, {
    workerData,
    name: nameOfThread(start.worker),
    ...(IS_SOURCE ? { execArgv: [] } : {}),
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  thread.on('message', onMessage);
  thread.on('error', onError);
  thread.on('exit', () => onError(new ThreadEnded()));
  return {
    post: (message) => thread.postMessage(message),
    terminate: () => endThread(thread, threadPlace),
  };
};

/** A thread ended of itself. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';

  constructor() {
    super('A worker thread ended before its run did.');
  }
}

export interface CrewEvents {
  readonly onStopAsked: (reason: string | null) => void;
  readonly onExchange: (exchange: TracedExchange) => void;
  readonly onMessage: (message: TracedMessage) => void;
  readonly explainFault: (fault: ScriptFault) => Error;
  /** Its thread is gone; true when what it measured is to be kept. */
  readonly onLost: (crew: Crew, error: unknown) => boolean;
}

/** One worker as the main thread sees it. */
export class Crew {
  readonly index: number;
  readonly tally: Tally;
  readonly scriptTally: ScriptTally | null;
  failures: readonly FailureCount[] = [];
  scriptErrors: readonly RawScriptError[] = [];
  heapGrowthBytes: number | null = null;
  /** It no longer answered and was ended, or its thread is gone; what it counted stands. */
  isLost = false;
  #isEnding = false;
  readonly #loaded: Stage<Floor | null> = new Stage();
  readonly #wasSetUp: Stage<unknown> = new Stage();
  readonly #ready: Stage<void> = new Stage();
  readonly #done: Stage<void> = new Stage();
  readonly #tornDown: Stage<ScriptFault | null> = new Stage();
  readonly #runner: CrewRunner;
  readonly #events: CrewEvents;

  constructor(start: WorkerStart, startRunner: StartRunner, events: CrewEvents, endpoints: number) {
    const { plan, script } = start;
    this.index = start.worker;
    this.tally = new Tally(endpoints, start.tally);
    this.scriptTally =
      script === null ? null : new ScriptTally(plan.script!.scenarios.length, script.tally);
    this.#events = events;
    this.#runner = startRunner(start, {
      onMessage: (message) => this.#receive(message),
      onError: (error) => {
        // What becomes of a run that has lost a thread was decided when that was noticed.
        if (this.isLost) return;
        if (this.#isEnding || !events.onLost(this, error)) this.#fail(error);
      },
    });
  }

  get loaded(): Promise<Floor | null> {
    return this.#loaded.promise;
  }

  get wasSetUp(): Promise<unknown> {
    return this.#wasSetUp.promise;
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  get tornDown(): Promise<ScriptFault | null> {
    return this.#tornDown.promise;
  }

  get isDone(): boolean {
    return this.#done.isSettled;
  }

  post(message: ToWorker): void {
    this.#runner.post(message);
  }

  /** Ends what no longer answers, if it is still there; what waits for its start is told of `error`. */
  async giveUp(error: Error): Promise<void> {
    this.isLost = true;
    for (const stage of [this.#loaded, this.#wasSetUp, this.#ready]) stage.reject(error);
    await this.#runner.terminate();
  }

  /** After `giveUp`: the run goes on as if it had done its part, and could not tear down for this reason. */
  conclude(cause: string): void {
    this.#done.resolve();
    this.#tornDown.resolve({ stage: 'teardown', message: cause, stack: '' });
  }

  terminate(): Promise<void> {
    this.#isEnding = true;
    return this.#runner.terminate();
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'loaded':
        return this.#loaded.resolve(message.floor);
      case 'was-set-up':
        return this.#wasSetUp.resolve(message.shared);
      case 'ready':
        return this.#ready.resolve();
      case 'failures':
        this.failures = message.failures;
        return;
      case 'script-errors':
        this.scriptErrors = message.errors;
        return;
      case 'heap':
        this.heapGrowthBytes = message.growthBytes;
        return;
      case 'exchange':
        return this.#events.onExchange(message.exchange);
      case 'message':
        return this.#events.onMessage(message.message);
      case 'stop-asked':
        return this.#events.onStopAsked(message.reason);
      case 'done':
        return this.#done.resolve();
      case 'torn-down':
        return this.#tornDown.resolve(message.fault);
      case 'script-fault':
        return this.#fail(this.#events.explainFault(message.fault));
      case 'broken':
        return this.#fail(Object.assign(new Error(message.message), { stack: message.stack }));
    }
  }

  #fail(error: unknown): void {
    for (const stage of [this.#loaded, this.#wasSetUp, this.#ready, this.#done, this.#tornDown]) {
      stage.reject(error);
    }
  }
}
