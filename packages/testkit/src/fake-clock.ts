import type { Clock, TimerHandle } from '@needletail/wire';

interface FakeTimer {
  readonly dueAt: number;
  readonly order: number;
  readonly callback: () => void;
}

/** `runAll` gives up after this many callbacks: something re-arms itself for ever. */
const DEFAULT_RUN_LIMIT = 100_000;

/**
 * A clock that stands still until a test moves it. Timers fire in order of their due time, and among equals in order of
 * their setting; callbacks of `soon` run before any timer, as input and output does before the next tick.
 */
export class FakeClock implements Clock {
  readonly timerSlackMs = 0;
  #now: number;
  #order = 0;
  #timers: FakeTimer[] = [];
  #soon: (() => void)[] = [];

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): TimerHandle {
    this.#order += 1;
    const timer = { dueAt: this.#now + Math.max(0, delayMs), order: this.#order, callback };
    // A binary search keeps the list sorted: a test that sets a million timers must not sort them a million times.
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#timers[middle].dueAt <= timer.dueAt) low = middle + 1;
      else high = middle;
    }
    this.#timers.splice(low, 0, timer);
    return timer;
  }

  clearTimer(handle: TimerHandle): void {
    const index = this.#timers.indexOf(handle as FakeTimer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Timers set and neither fired nor cleared. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** When the next timer is due, or undefined when none is set. */
  get nextDueAt(): number | undefined {
    return this.#timers[0]?.dueAt;
  }

  /** Runs what `soon` has queued, and what that queues in turn, without moving the time. */
  flush(limit: number = DEFAULT_RUN_LIMIT): void {
    for (let ran = 0; this.#soon.length > 0; ran += 1) {
      if (ran === limit) throw runaway('flush', limit);
      this.#soon.shift()!();
    }
  }

  /** Moves the time on by `elapsedMs`, firing on the way each timer at exactly its own due time. */
  advance(elapsedMs: number): void {
    const until = this.#now + elapsedMs;
    this.flush();
    while (this.#timers.length > 0 && this.#timers[0].dueAt <= until) this.#fireNext();
    this.#now = until;
  }

  /** Fires everything there is, jumping from one due time to the next, until no timer is left. */
  runAll(limit: number = DEFAULT_RUN_LIMIT): void {
    this.flush();
    for (let fired = 0; this.#timers.length > 0; fired += 1) {
      if (fired === limit) throw runaway('runAll', limit);
      this.#fireNext();
    }
  }

  #fireNext(): void {
    const timer = this.#timers.shift()!;
    this.#now = Math.max(this.#now, timer.dueAt);
    timer.callback();
    this.flush();
  }
}

function runaway(method: string, limit: number): Error {
  return new Error(
    `Clock does not come to rest: ${limit} callbacks ran (FakeClock.${method}). ` +
      'Stop what re-arms itself, or use advance.',
  );
}
