/** A stretch during which the schedule stood still: when it began on the schedule, and how long it was. */
interface Pause {
  readonly scheduleMs: number;
  readonly lengthMs: number;
}

/** The time of a schedule, which stands still while its run is paused; all times are milliseconds since the start. */
export class ScheduleTime {
  readonly #pauses: Pause[] = [];
  #pausedFromMs = Infinity;
  /** Pauses that are over, together. */
  #overMs = 0;

  /** Since when the run has been paused, as elapsed time; Infinity when it is not. */
  get pausedFromMs(): number {
    return this.#pausedFromMs;
  }

  /** Stands still from `elapsedMs` on; nothing changes when it does already. */
  pause(elapsedMs: number): void {
    this.#pausedFromMs = Math.min(this.#pausedFromMs, elapsedMs);
  }

  /** Goes on at `elapsedMs`; nothing changes when it was not paused. */
  resume(elapsedMs: number): void {
    if (this.#pausedFromMs === Infinity) return;
    const lengthMs = Math.max(0, elapsedMs - this.#pausedFromMs);
    this.#pauses.push({ scheduleMs: this.#pausedFromMs - this.#overMs, lengthMs });
    this.#overMs += lengthMs;
    this.#pausedFromMs = Infinity;
  }

  /** What the schedule's clock shows at `elapsedMs`. */
  scheduleAt(elapsedMs: number): number {
    return elapsedMs - this.pausedMs(elapsedMs);
  }

  /** When the schedule's clock shows `scheduleMs`; Infinity when a pause that is not over comes first. */
  elapsedAt(scheduleMs: number): number {
    if (scheduleMs >= this.#pausedFromMs - this.#overMs) return Infinity;
    let elapsedMs = scheduleMs;
    for (const pause of this.#pauses) {
      if (pause.scheduleMs > scheduleMs) break;
      elapsedMs += pause.lengthMs;
    }
    return elapsedMs;
  }

  /** Time spent paused up to `elapsedMs`. */
  pausedMs(elapsedMs: number): number {
    let pausedMs = Math.max(0, elapsedMs - this.#pausedFromMs);
    let beforeMs = 0;
    for (const { scheduleMs, lengthMs } of this.#pauses) {
      const fromMs = scheduleMs + beforeMs;
      pausedMs += Math.min(lengthMs, Math.max(0, elapsedMs - fromMs));
      beforeMs += lengthMs;
    }
    return pausedMs;
  }
}
