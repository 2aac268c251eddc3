/** Milliseconds on the machine's monotonic clock, the same in every process of it; `performance.now` starts apart. */
export function machineNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

interface Due {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** `setTimeout` may be this late, so the last stretch before a due time is polled. */
const POLLED_MS = 2;

/**
 * Fires callbacks within microseconds of their due time (`setTimeout` rounds to a millisecond and adds one), at the price
 * of a busy processor for the last 2 ms. Never early. `freeze` holds everything back, as a stopped process would.
 */
export class PreciseTimer {
  #queue: Due[] = [];
  #frozenUntilMs = 0;
  #timeout: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;

  /** Calls back once the machine's clock has reached `dueMs`. */
  at(dueMs: number, callback: () => void): void {
    let index = this.#queue.length;
    while (index > 0 && this.#queue[index - 1].dueMs > dueMs) index -= 1;
    this.#queue.splice(index, 0, { dueMs, callback });
    this.#arm();
  }

  get isFrozen(): boolean {
    return machineNowMs() < this.#frozenUntilMs;
  }

  freeze(durationMs: number): void {
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, machineNowMs() + durationMs);
    this.#arm();
  }

  close(): void {
    this.#queue = [];
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
  }

  #arm(): void {
    clearTimeout(this.#timeout);
    clearImmediate(this.#immediate);
    if (this.#queue.length === 0) return;
    const waitMs = Math.max(this.#queue[0].dueMs, this.#frozenUntilMs) - machineNowMs();
    if (waitMs > POLLED_MS) {
      this.#timeout = setTimeout(() => this.#run(), Math.floor(waitMs - POLLED_MS));
    } else {
      this.#immediate = setImmediate(() => this.#run());
    }
  }

  #run(): void {
    // What the callbacks add waits for its turn, even if it is due at once: input must not starve.
    const nowMs = machineNowMs();
    let due = 0;
    while (due < this.#queue.length && this.#queue[due].dueMs <= nowMs) due += 1;
    const ready = this.isFrozen ? [] : this.#queue.splice(0, due);
    for (const { callback } of ready) callback();
    this.#arm();
  }
}
