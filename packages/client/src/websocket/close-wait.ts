import type { Clock, TimerHandle } from '@needletail/wire';

/** How a connection ended. */
export interface CloseInfo {
  /** From the server's close frame: 1005 when it held none, 1006 when none came (RFC 6455 §7.1.5). */
  readonly code: number;
  readonly reason: string;
  /** Both sides sent a close frame. */
  readonly wasClean: boolean;
  /** Why it was not clean. */
  readonly error: Error | null;
}

/** The end of a connection as a promise, and the patience with a peer that should be closing. */
export class CloseWait {
  readonly closed: Promise<CloseInfo>;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #resolve!: (info: CloseInfo) => void;
  #timer: TimerHandle = null;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.closed = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Calls `expired` unless `stop` comes first. */
  start(expired: () => void): void {
    this.stop();
    this.#timer = this.#clock.setTimer(this.#timeoutMs, expired);
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#timer = null;
  }

  settle(info: CloseInfo): void {
    this.stop();
    this.#resolve(info);
  }
}
