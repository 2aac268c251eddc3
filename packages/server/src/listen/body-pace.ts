import type { ServerLimits, ServerTimeouts } from './server-options.ts';

/** How fast a body that somebody reads comes in; times are those of the coarse clock. */
export class BodyPace {
  #lastMs = 0;
  #fromMs = 0;
  #bytes = 0;

  /** Judges anew: the reading begins, or goes on after the client was held back. */
  start(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#fromMs = nowMs;
    this.#bytes = 0;
  }

  add(sizeBytes: number, nowMs: number): void {
    this.#lastMs = nowMs;
    this.#bytes += sizeBytes;
  }

  isTooSlow(nowMs: number, timeouts: ServerTimeouts, limits: ServerLimits): boolean {
    if (nowMs - this.#lastMs >= timeouts.bodyIdleMs) return true;
    const elapsedMs = nowMs - this.#fromMs;
    const dueBytes = (limits.minBodyBytesPerSecond * elapsedMs) / 1_000;
    return elapsedMs >= timeouts.bodyGraceMs && this.#bytes < dueBytes;
  }
}
