import type { Clock, TimerHandle } from '@needletail/wire';

/** A system timer may come this much late, so it is set this much early; the rest is spun. */
const TIMER_SLACK_MS = 1.1;
/** Shorter waits than this are spun from the start. */
const SHORTEST_SLEEP_MS = 2.1;

/**
 * Calls back at a moment within a few tens of microseconds, where a plain timer is up to a millisecond late: it sleeps
 * until shortly before and then goes round the event loop, which keeps answering, until the moment has come.
 */
export class PreciseTimer {
  readonly #clock: Clock;
  readonly #callback: () => void;
  #at = Infinity;
  #timer: TimerHandle | null = null;
  #spinning = false;
  /** Rounds of the event loop spent waiting; a loop that spins is idle, not busy. */
  spins = 0;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
  }

  /** Replaces any earlier moment; Infinity cancels. */
  set(atMs: number): void {
    this.#at = atMs;
    this.#arm(this.#clock.now());
  }

  #arm(now: number): void {
    if (this.#timer !== null) {
      this.#clock.clearTimer(this.#timer);
      this.#timer = null;
    }
    if (this.#at === Infinity || this.#spinning) return;
    const waitMs = this.#at - now;
    if (waitMs > SHORTEST_SLEEP_MS) {
      this.#timer = this.#clock.setTimer(Math.floor(waitMs - TIMER_SLACK_MS), () => {
        this.#timer = null;
        this.#arm(this.#clock.now());
      });
    } else {
      this.#spinning = true;
      this.#clock.soon(this.#spin);
    }
  }

  readonly #spin = (): void => {
    const now = this.#clock.now();
    if (now >= this.#at) {
      this.#spinning = false;
      this.#at = Infinity;
      this.#callback();
    } else if (this.#at - now > SHORTEST_SLEEP_MS) {
      this.#spinning = false;
      this.#arm(now);
    } else {
      this.spins += 1;
      this.#clock.soon(this.#spin);
    }
  };
}
