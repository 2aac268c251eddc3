/** What a late timer may be made up for; a longer standstill is not followed by a burst. */
const CATCH_UP_MS = 5;

/** Starts spaced evenly at so many a second. Pure: times in milliseconds go in, waits come out. */
export class EvenPace {
  readonly #intervalMs: number;
  /** Null before the first. */
  #dueMs: number | null = null;

  /** Infinity for no limit. */
  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  /** How long to wait before the next start; 0 when it is due. */
  waitMs(nowMs: number): number {
    return this.#dueMs === null ? 0 : Math.max(0, this.#dueMs - nowMs);
  }

  /** One has started. */
  take(nowMs: number): void {
    const dueMs = Math.max(this.#dueMs ?? nowMs, nowMs - CATCH_UP_MS);
    this.#dueMs = dueMs + this.#intervalMs;
  }
}
