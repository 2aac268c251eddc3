import type { Clock, TimerHandle } from '@needletail/wire';
import { AbortedError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';

/** A timer set for longer fires at once (it overflows); one that fires early is set again. */
const LONGEST_TIMER_MS = 2 ** 30;

/**
 * A token bucket that is full at first: `burst` requests may leave at once, and then one every `1 / requestsPerSecond`.
 * Whoever comes first leaves first. Kept as the time at which the bucket will be full (the generic cell rate algorithm),
 * so that no count can drift.
 */
export class RateLimiter {
  readonly #intervalMs: number;
  /** How far ahead of the clock the bucket may be spent. */
  readonly #leadMs: number;
  readonly #clock: Clock;
  /** Called when it is one's turn. */
  readonly #queue: (() => void)[] = [];
  #fullAtMs = -Infinity;
  /** Null when none is set. */
  #timer: TimerHandle = null;

  constructor(requestsPerSecond: number, burst: number, clock: Clock) {
    this.#intervalMs = 1000 / requestsPerSecond;
    this.#leadMs = this.#intervalMs * (burst - 1);
    this.#clock = clock;
  }

  /** Null when the request may leave now. Else resolves when it may; rejects AbortedError, and then counts for nothing. */
  take(request: ClientRequest): Promise<void> | null {
    const { signal } = request;
    if (signal?.aborted === true) return Promise.reject(abortedBy(request, signal));
    if (this.#queue.length === 0 && this.#spend()) return null;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(go), 1);
        this.#release();
        reject(abortedBy(request, signal!));
      };
      const go = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(go);
      this.#release();
    });
  }

  /** Takes one token if there is one. */
  #spend(): boolean {
    const now = this.#clock.now();
    const fullAtMs = Math.max(this.#fullAtMs, now);
    // A timer may fire a rounding error early.
    if (fullAtMs - now > this.#leadMs + 1e-6) return false;
    this.#fullAtMs = fullAtMs + this.#intervalMs;
    return true;
  }

  /** Lets go whoever may; sets a timer for the next, or none when nobody waits. */
  #release(): void {
    if (this.#timer !== null) {
      this.#clock.clearTimer(this.#timer);
      this.#timer = null;
    }
    while (this.#queue.length > 0 && this.#spend()) this.#queue.shift()!();
    if (this.#queue.length === 0) return;
    const waitMs = this.#fullAtMs - this.#leadMs - this.#clock.now();
    this.#timer = this.#clock.setTimer(Math.min(waitMs, LONGEST_TIMER_MS), () => {
      this.#timer = null;
      this.#release();
    });
  }
}

function abortedBy({ method, url }: ClientRequest, signal: AbortSignal): AbortedError {
  return AbortedError.of(signal, method, url.href);
}
