import type { Clock, TimerHandle } from '@needletail/wire';
import type { Timeouts } from '../model/timeouts.ts';

const SHORTEST_TICK_MS = 5;
const LONGEST_TICK_MS = 250;
const TICKS_PER_LIMIT = 10;
/** Whoever limits whole exchanges measures them: what ran out is told at the age it reached. */
const LONGEST_EXCHANGE_TICK_MS = 50;
const TICKS_PER_EXCHANGE = 100;

/** Whatever has requests that may take too long. */
export interface Watched {
  /** Kept by the deadlines: whether they look at it. */
  isWatched: boolean;
  /** Fails what has; answers whether there is still something to watch. */
  checkDeadlines(nowMs: number): boolean;
}

/**
 * One coarse timer in place of one per request: whoever has requests under way is asked ten times in the smallest limit in
 * use. What that finds is therefore up to a fifth of a limit late, and never early; an `exchange` that runs out is found
 * within a hundredth of its limit, or within 50 ms where that is less.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #watched = new Set<Watched>();
  #timer: TimerHandle = null;
  #known: Timeouts | null = null;
  #tickMs = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** To be called for each request; costs two comparisons when its limits are those of the last. */
  watch(timeouts: Timeouts, watched: Watched): void {
    if (!watched.isWatched) {
      watched.isWatched = true;
      this.#watched.add(watched);
    }
    if (timeouts === this.#known) return;
    this.#known = timeouts;
    const tickMs = tickFor(timeouts);
    if (tickMs >= this.#tickMs) return;
    this.#tickMs = tickMs;
    this.#arm();
  }

  /** It has no more requests. */
  leave(watched: Watched): void {
    this.#forget(watched);
    if (this.#watched.size === 0) this.#stop();
  }

  #forget(watched: Watched): void {
    watched.isWatched = false;
    this.#watched.delete(watched);
  }

  #stop(): void {
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
    const nowMs = this.#clock.now();
    for (const watched of this.#watched) {
      if (!watched.checkDeadlines(nowMs)) this.#forget(watched);
    }
    if (this.#watched.size > 0) this.#arm();
    else this.#stop();
  }
}

/** Infinity where nothing is limited. */
function tickFor({ pool, connect, write, read, exchange }: Timeouts): number {
  const limitMs = Math.min(pool, connect, write, read);
  if (limitMs === Infinity && exchange === Infinity) return Infinity;
  const exchangeTickMs =
    exchange === Infinity
      ? Infinity
      : Math.min(LONGEST_EXCHANGE_TICK_MS, exchange / TICKS_PER_EXCHANGE);
  const tickMs = Math.min(LONGEST_TICK_MS, limitMs / TICKS_PER_LIMIT, exchangeTickMs);
  return Math.max(SHORTEST_TICK_MS, tickMs);
}
