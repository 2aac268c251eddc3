/** How far a collection has come. */
export interface CollectProgress {
  /** Items that ended well. */
  readonly done: number;
  readonly failed: number;
  /** Items that the checkpoint had as done before. */
  readonly skipped: number;
  /** Items in flight. */
  readonly active: number;
  /** Items that ended per second, since the last report. */
  readonly rate: number;
  /** How many items may be in flight now. */
  readonly concurrency: number;
  readonly elapsedMs: number;
}

const REPORT_EVERY_MS = 250;

/** Counts what a collection does, and reports it four times a second at most. */
export class CollectMeter {
  done = 0;
  failed = 0;
  skipped = 0;
  readonly #onProgress: ((progress: CollectProgress) => void) | undefined;
  readonly #startedMs: number;
  #reportedMs: number;
  #endedAtReport = 0;

  constructor(onProgress: ((progress: CollectProgress) => void) | undefined, nowMs: number) {
    this.#onProgress = onProgress;
    this.#startedMs = nowMs;
    this.#reportedMs = nowMs;
  }

  /** To be called whenever an item has ended. */
  tick(nowMs: number, active: number, concurrency: number): void {
    if (this.#onProgress === undefined || nowMs - this.#reportedMs < REPORT_EVERY_MS) return;
    this.report(nowMs, active, concurrency);
  }

  report(nowMs: number, active: number, concurrency: number): void {
    const ended = this.done + this.failed;
    const seconds = (nowMs - this.#reportedMs) / 1000;
    const rate = seconds > 0 ? (ended - this.#endedAtReport) / seconds : 0;
    this.#reportedMs = nowMs;
    this.#endedAtReport = ended;
    this.#onProgress?.({
      done: this.done,
      failed: this.failed,
      skipped: this.skipped,
      active,
      rate,
      concurrency,
      elapsedMs: nowMs - this.#startedMs,
    });
  }
}
