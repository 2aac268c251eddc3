import type { Clock, TimerHandle } from '@needletail/wire';

/** Asks for a ping whenever nothing was heard for an interval. */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #ping: () => void;
  #timer: TimerHandle = null;
  #wasHeard = false;

  /** Starts at once; null for never. */
  constructor(clock: Clock, intervalMs: number | null, ping: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs ?? 0;
    this.#ping = ping;
    if (intervalMs !== null) this.#arm();
  }

  /** Something arrived. */
  heard(): void {
    this.#wasHeard = true;
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(this.#intervalMs, () => {
      this.#arm();
      if (!this.#wasHeard) this.#ping();
      this.#wasHeard = false;
    });
  }
}
