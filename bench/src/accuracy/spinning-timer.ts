interface Due {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Calls back at due times, on the clock that its maker reads. */
export interface OracleTimer {
  at(dueMs: number, callback: () => void): void;
}

/** A timer of Node may be this late, so the last stretch before a due time goes round the event loop instead. */
const SPUN_MS = 2;

/**
 * Calls back within microseconds of a due time and never before it, at the price of a busy core for the last two
 * milliseconds. A round of the loop reads the clock as a float and allocates next to nothing, so that collections,
 * which would pass for latency, stay rare.
 */
export class SpinningTimer implements OracleTimer {
  readonly #nowMs: () => number;
  /** By due time, the next one last. */
  readonly #queue: Due[] = [];
  #isArmed = false;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  at(dueMs: number, callback: () => void): void {
    const queue = this.#queue;
    let index = queue.length;
    queue.push({ dueMs, callback });
    for (; index > 0 && queue[index - 1]!.dueMs <= dueMs; index -= 1)
      queue[index] = queue[index - 1]!;
    queue[index] = { dueMs, callback };
    if (!this.#isArmed) this.#arm();
  }

  #arm(): void {
    const next = this.#queue.at(-1);
    this.#isArmed = next !== undefined;
    if (next === undefined) return;
    const waitMs = next.dueMs - this.#nowMs();
    // A sleep may not pass a request that comes meanwhile and is due sooner: it is cut to pieces.
    if (waitMs > SPUN_MS + 1) setTimeout(this.#round, Math.min(1, waitMs - SPUN_MS));
    else setImmediate(this.#round);
  }

  readonly #round = (): void => {
    const nowMs = this.#nowMs();
    while (this.#queue.length > 0 && this.#queue.at(-1)!.dueMs <= nowMs)
      this.#queue.pop()!.callback();
    this.#arm();
  };
}
