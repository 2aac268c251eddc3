import cluster, { type Worker } from 'node:cluster';
import { WorkerError } from '../../errors.ts';
import type { Closing, RestartLimits } from './cluster-options.ts';
import { EndLog } from './end-log.ts';
import { isWorkerReport, WORKER_VARIABLE, type StopOrder } from './worker-messages.ts';

/** Where workers listen. */
export interface WorkerPlace {
  readonly port: number;
  readonly host: string;
}

export interface SupervisorOptions {
  readonly count: number;
  readonly limits: RestartLimits;
  /** Told of each worker that ended by itself, or did not start. */
  readonly onError: (error: Error) => void;
  /** Starting more is of no use; the others have been told to end. */
  readonly onGivenUp: (error: Error) => void;
}

/** Longer than a worker may take to end by itself: then it is killed. */
const KILL_AFTER_MS = 2_000;
/** At a restart, for clients to use their idle connections once more. */
const IDLE_MS = 2_000;

/** The processes that serve: starts them, replaces those that end, restarts them one after the other, ends them. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #ends: EndLog;
  /** By number, from 1 on. */
  readonly #workers = new Map<number, Worker>();
  /** Started, and not listening yet. */
  readonly #launching = new Set<Worker>();
  readonly #stopping = new Set<Worker>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  #isStopped = false;
  #restarting: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#ends = new EndLog(options.limits);
  }

  /** Resolves once all workers listen; rejects when one cannot, with none left. */
  async start(): Promise<WorkerPlace> {
    const numbers = Array.from({ length: this.#options.count }, (_, index) => index + 1);
    try {
      const places = await Promise.all(numbers.map((number) => this.#launch(number)));
      return places[0]!;
    } catch (error) {
      await this.stop({ graceMs: 0 });
      throw error;
    }
  }

  /** Replaces each worker by a new one, which listens before the old one is told to end. Rejects when a new one cannot. */
  restart(closing: Closing): Promise<void> {
    this.#restarting ??= this.#restartAll(closing).finally(() => (this.#restarting = undefined));
    return this.#restarting;
  }

  /** Ends all workers in good order; kills those that take longer than `graceMs`. */
  async stop(closing: Closing): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const worker of this.#launching) worker.process.kill('SIGKILL');
    const all = [...new Set([...this.#workers.values(), ...this.#stopping])];
    await Promise.all(all.map((worker) => this.#end(worker, closing)));
  }

  async #restartAll(closing: Closing): Promise<void> {
    for (let number = 1; number <= this.#options.count; number += 1) {
      const old = this.#workers.get(number);
      if (this.#isStopped) return;
      try {
        await this.#launch(number);
      } catch (error) {
        if (this.#isStopped) return;
        throw error;
      }
      if (old !== undefined) await this.#end(old, { idleMs: IDLE_MS, ...closing });
    }
  }

  /** Starts a worker; it has the number from when it listens. */
  #launch(number: number): Promise<WorkerPlace> {
    const worker = cluster.fork({ [WORKER_VARIABLE]: `${number}` });
    this.#launching.add(worker);
    return new Promise<WorkerPlace>((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        this.#launching.delete(worker);
        worker.process.kill('SIGKILL');
        reject(new WorkerError('WORKER_NOT_STARTED', reason, `worker ${number}`));
      };
      const { startMs } = this.#options.limits;
      const timer = setTimeout(() => fail(`it did not listen within ${startMs} ms`), startMs);
      const onExit = (): void => fail('it ended before it listened');
      worker.once('exit', onExit);
      worker.on('message', (message: unknown) => {
        if (!isWorkerReport(message)) return;
        worker.off('exit', onExit);
        if (message.needletail === 'failed') return fail(message.message);
        clearTimeout(timer);
        this.#launching.delete(worker);
        this.#workers.set(number, worker);
        worker.once('exit', (code, signal) =>
          this.#ended(number, worker, signal ?? `code ${code}`),
        );
        resolve({ port: message.port, host: message.host });
      });
    });
  }

  #ended(number: number, worker: Worker, how: string): void {
    if (this.#workers.get(number) === worker) this.#workers.delete(number);
    if (this.#stopping.delete(worker) || this.#isStopped) return;
    const reason = `it ended with ${how}`;
    this.#replace(number, new WorkerError('WORKER_ENDED', reason, `worker ${number}`));
  }

  #replace(number: number, error: Error): void {
    this.#options.onError(error);
    const delayMs = this.#ends.delayAfterEnd(Date.now());
    if (delayMs === null) return this.#giveUp();
    const timer = setTimeout(() => {
      this.#timers.delete(number);
      this.#launch(number).catch((failure: Error) => {
        if (!this.#isStopped) this.#replace(number, failure);
      });
    }, delayMs);
    this.#timers.set(number, timer);
  }

  #giveUp(): void {
    if (this.#isStopped) return;
    const { mostEnds, windowMs } = this.#options.limits;
    const reason = `workers ended more than ${mostEnds} times within ${windowMs / 1000} s`;
    const error = new WorkerError('WORKERS_KEEP_ENDING', reason, 'supervisor');
    void this.stop({ graceMs: 1_000 }).then(() => this.#options.onGivenUp(error));
  }

  async #end(worker: Worker, closing: Closing): Promise<void> {
    if (worker.isDead()) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#stopping.add(worker);
    const order: StopOrder = { needletail: 'stop', ...closing };
    if (worker.isConnected()) worker.send(order);
    const { graceMs = 10_000, idleMs = 0 } = closing;
    const kill = (): void => void worker.process.kill('SIGKILL');
    const timer = setTimeout(kill, graceMs + idleMs + KILL_AFTER_MS);
    await exited;
    clearTimeout(timer);
  }
}
