import { Worker } from 'node:worker_threads';
import type { OracleTimer } from './spinning-timer.ts';

interface Due {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Shared between the timer and the thread that sleeps for it. */
const STATE = 0;
const IDLE = 0;
const CHANGED = 1;

/**
 * The thread that sleeps: `Atomics.wait` takes fractions of a millisecond and ends within tens of microseconds, where a
 * timer of Node is up to a millisecond late. It wakes the loop of the other thread by a message.
 */
const SLEEPER = `
const { parentPort, workerData } = require('node:worker_threads');
const state = new Int32Array(workerData, 0, 1);
const dueMs = new Float64Array(workerData, 8, 1);
const offsetMs = performance.timeOrigin;
for (;;) {
  const seen = Atomics.load(state, 0);
  if (seen === ${CHANGED}) Atomics.compareExchange(state, 0, ${CHANGED}, ${IDLE});
  const waitMs = dueMs[0] - offsetMs - performance.now();
  if (waitMs > 0) {
    if (Atomics.wait(state, 0, ${IDLE}, waitMs) !== 'timed-out') continue;
  }
  dueMs[0] = Infinity;
  parentPort.postMessage(0);
}`;

/**
 * Calls back shortly after a due time and never before it, and costs no processor while it waits: a server that spins
 * takes the core on which the other side's threads, compilation and garbage collection among them, could run meanwhile,
 * and what those wait passes for latency.
 */
export class SleepingTimer implements OracleTimer {
  readonly #nowMs: () => number;
  /** By due time, the next one last. */
  readonly #queue: Due[] = [];
  readonly #state: Int32Array;
  readonly #dueMs: Float64Array;
  /** From the clock of `nowMs` to milliseconds since the Unix epoch, which both threads can tell. */
  readonly #epochOffsetMs: number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#epochOffsetMs = performance.timeOrigin + performance.now() - nowMs();
    const shared = new SharedArrayBuffer(16);
    this.#state = new Int32Array(shared, 0, 1);
    this.#dueMs = new Float64Array(shared, 8, 1);
    this.#dueMs[0] = Infinity;
    const sleeper = new Worker(SLEEPER, { eval: true, workerData: shared });
    sleeper.on('message', () => this.#run());
    sleeper.on('error', (error) => {
      throw error;
    });
  }

  at(dueMs: number, callback: () => void): void {
    const queue = this.#queue;
    const due = { dueMs, callback };
    let index = queue.length;
    queue.push(due);
    for (; index > 0 && queue[index - 1]!.dueMs <= dueMs; index -= 1)
      queue[index] = queue[index - 1]!;
    queue[index] = due;
    if (queue.at(-1) === due) this.#sleep(dueMs);
  }

  #sleep(dueMs: number): void {
    this.#dueMs[0] = dueMs + this.#epochOffsetMs;
    Atomics.store(this.#state, STATE, CHANGED);
    Atomics.notify(this.#state, STATE);
  }

  #run(): void {
    const nowMs = this.#nowMs();
    while (this.#queue.length > 0 && this.#queue.at(-1)!.dueMs <= nowMs)
      this.#queue.pop()!.callback();
    const next = this.#queue.at(-1);
    if (next !== undefined) this.#sleep(next.dueMs);
  }
}
