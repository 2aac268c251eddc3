import type { RestartLimits } from './cluster-options.ts';

/** Remembers when workers ended by themselves, and says when to start the next. */
export class EndLog {
  readonly #limits: RestartLimits;
  #endsMs: number[] = [];

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  /** Milliseconds to wait before a worker is started in place of one that ended now; null when it is of no use. */
  delayAfterEnd(nowMs: number): number | null {
    const { windowMs, mostEnds, minDelayMs, maxDelayMs } = this.#limits;
    this.#endsMs = this.#endsMs.filter((endMs) => nowMs - endMs < windowMs);
    this.#endsMs.push(nowMs);
    const count = this.#endsMs.length;
    if (count > mostEnds) return null;
    return Math.min(maxDelayMs, minDelayMs * 2 ** (count - 1));
  }
}
