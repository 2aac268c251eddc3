import type { Clock, TimerHandle } from '@needletail/wire';
import type { Timeouts } from '../model/timeouts.ts';

const SHORTEST_TICK_MS = 5;
const LONGEST_TICK_MS = 250;
const TICKS_PER_LIMIT = 10;

/**
 * One coarse timer in place of one per request: while anything is watched, `scan` runs ten times in the smallest limit
 * in use. What it finds is therefore up to a fifth of a limit late, and never early.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #scan: (nowMs: number) => boolean;
  #timer: TimerHandle = null;
  #known: Timeouts | null = null;
  #tickMs = Infinity;

  /** `scan` answers whether there is still something to watch. */
  constructor(clock: Clock, scan: (nowMs: number) => boolean) {
    this.#clock = clock;
    this.#scan = scan;
  }

  /** To be called for each request; costs a comparison when its limits are those of the last. */
  watch(timeouts: Timeouts): void {
    if (timeouts === this.#known) return;
    this.#known = timeouts;
    const smallest = Math.min(timeouts.pool, timeouts.connect, timeouts.write, timeouts.read);
    if (smallest === Infinity) return;
    const tickMs = Math.min(
      LONGEST_TICK_MS,
      Math.max(SHORTEST_TICK_MS, smallest / TICKS_PER_LIMIT),
    );
    if (tickMs >= this.#tickMs) return;
    this.#tickMs = tickMs;
    this.#arm();
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#timer = null;
    this.#known = null;
    this.#tickMs = Infinity;
  }

  /** The sockets that are waited for keep the process alive, the timer does not. */
  #arm(): void {
    const clock = this.#clock;
    if (this.#timer !== null) clock.clearTimer(this.#timer);
    this.#timer = clock.setTimer(this.#tickMs, () => this.#tick());
    clock.unrefTimer?.(this.#timer);
  }

  #tick(): void {
    this.#timer = null;
    if (this.#scan(this.#clock.now())) this.#arm();
    else this.stop();
  }
}
