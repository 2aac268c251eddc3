import type { Clock, TimerHandle } from '@needletail/wire';

/** Moments closer than a nanosecond are the same: sums of fractions do not meet exactly. */
export const SAME_MOMENT_MS = 1e-6;

/** A round of the event loop with nothing to do takes one to two microseconds. */
const LONGEST_EMPTY_ROUND_MS = 0.003;

/**
 * Calls back at a moment within a few tens of microseconds, where a plain timer is up to a millisecond late: it sleeps
 * until shortly before and then goes round the event loop, which keeps answering, until the moment has come.
 */
export class PreciseTimer {
  readonly #clock: Clock;
  readonly #callback: () => void;
  /** Shorter waits than this are spun from the start: whole milliseconds are all that a system timer counts. */
  readonly #shortestSleepMs: number;
  #at = Infinity;
  #timer: TimerHandle = null;
  #spinning = false;
  /** Rounds of the event loop spent waiting; a loop that spins is idle, not busy. */
  spins = 0;
  /** Time those rounds took; what a round took beyond the usual was other work that it let through. */
  spinMs = 0;
  #spunAt = 0;

  constructor(clock: Clock, callback: () => void) {
    this.#clock = clock;
    this.#callback = callback;
    this.#shortestSleepMs = clock.timerSlackMs === 0 ? SAME_MOMENT_MS : clock.timerSlackMs + 1;
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
    if (waitMs > this.#shortestSleepMs) {
      this.#timer = this.#clock.setTimer(this.#sleepMs(waitMs), () => {
        this.#timer = null;
        this.#arm(this.#clock.now());
      });
    } else {
      this.#spinning = true;
      this.#spunAt = now;
      this.#clock.soon(this.#spin);
    }
  }

  #sleepMs(waitMs: number): number {
    const { timerSlackMs } = this.#clock;
    return timerSlackMs === 0 ? waitMs : Math.floor(waitMs - timerSlackMs);
  }

  readonly #spin = (): void => {
    const now = this.#clock.now();
    if (now >= this.#at - SAME_MOMENT_MS) {
      this.#spinning = false;
      this.#at = Infinity;
      this.#callback();
    } else if (this.#at - now > this.#shortestSleepMs) {
      this.#spinning = false;
      this.#arm(now);
    } else {
      this.spins += 1;
      this.spinMs += Math.min(now - this.#spunAt, LONGEST_EMPTY_ROUND_MS);
      this.#spunAt = now;
      this.#clock.soon(this.#spin);
    }
  };
}
