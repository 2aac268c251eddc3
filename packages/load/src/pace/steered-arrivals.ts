// Allocates: nothing per request. Invariant: requests are asked for in ascending order, but for the few that a change
// looks back at. Guarded by bench/src/rate-accuracy.ts.
import type { ArrivalPacer } from './pacer.ts';
import { ScheduleTime } from './schedule-time.ts';

/** Evenly paced requests from number `first` on, in the schedule's time. */
interface EvenStretch {
  readonly first: number;
  readonly firstDueMs: number;
  readonly ratePerSecond: number;
}

/**
 * A schedule that can be changed while it is followed. A pause moves all that was still to come; a new rate replaces
 * the rest of the shape, evenly paced: its first request is due one new gap after the last of the old rate, or at once
 * if that has passed.
 */
export class SteeredArrivals implements ArrivalPacer {
  readonly model = 'open';
  readonly time: ScheduleTime = new ScheduleTime();
  readonly #shape: ArrivalPacer;
  readonly #limit: number;
  readonly #stretches: EvenStretch[] = [];
  #furthest = 0;

  /** At most `limit` requests, null for no limit; counted from the first of `shape`. */
  constructor(shape: ArrivalPacer, limit: number | null) {
    this.#shape = shape;
    this.#limit = limit ?? Infinity;
  }

  get endMs(): number {
    return this.time.elapsedAt(this.#shape.endMs);
  }

  get total(): number | null {
    if (this.#stretches.length === 0) return this.#shape.total;
    return this.#limit === Infinity ? null : this.#limit;
  }

  dueMs(n: number): number {
    this.#furthest = Math.max(this.#furthest, n);
    return this.time.elapsedAt(this.#scheduledMs(n));
  }

  /** Requests per second wanted at that time, of the schedule that stands still while paused. */
  rateAt(elapsedMs: number): number {
    const scheduleMs = this.time.scheduleAt(elapsedMs);
    if (scheduleMs >= this.#shape.endMs) return 0;
    const stretch = this.#stretches.at(-1);
    return stretch === undefined ? this.#shape.rateAt(scheduleMs) : stretch.ratePerSecond;
  }

  /** Requests per second from `elapsedMs` on, more than 0. */
  setLevel(ratePerSecond: number, elapsedMs: number): void {
    const scheduleMs = this.time.scheduleAt(elapsedMs);
    let first = this.#furthest;
    while (first > 0 && this.#scheduledMs(first - 1) >= scheduleMs) first -= 1;
    while (this.#scheduledMs(first) < scheduleMs) first += 1;
    const gapMs = 1000 / ratePerSecond;
    const lastDueMs = first === 0 ? -Infinity : this.#scheduledMs(first - 1);
    const firstDueMs = Math.max(scheduleMs, lastDueMs + gapMs);
    this.#stretches.push({ first, firstDueMs, ratePerSecond });
  }

  #scheduledMs(n: number): number {
    let index = this.#stretches.length - 1;
    while (index >= 0 && this.#stretches[index]!.first > n) index -= 1;
    if (index < 0) return this.#shape.dueMs(n);
    const { first, firstDueMs, ratePerSecond } = this.#stretches[index]!;
    const scheduleMs = firstDueMs + ((n - first) * 1000) / ratePerSecond;
    return n < this.#limit && scheduleMs < this.#shape.endMs ? scheduleMs : Infinity;
  }
}
