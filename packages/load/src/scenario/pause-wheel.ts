// Hot: `set` and the turn of the wheel run once per pause; a pause allocates its entry and nothing else.
// Invariant: a callback is called once, not more than a slot before its time, as the runtime's own timers. Guarded by bench/src/think-cost.ts.
import type { Clock, TimerHandle } from '@needletail/wire';

/** A power of two; a pause that is longer than so many milliseconds is looked at once in each round. */
const SLOTS = 1024;
const LAST_SLOT = SLOTS - 1;
const SLOT_MS = 1;

interface Pause {
  readonly tick: number;
  readonly callback: () => void;
  next: Pause | null;
}

/**
 * Pauses of many users on one timer. Each of a thousand users who pause for times of their own would otherwise have a timer
 * and a list of timers to itself, which the runtime sorts.
 */
export class PauseWheel {
  readonly #clock: Clock;
  readonly #originMs: number;
  readonly #slots: (Pause | null)[] = Array.from({ length: SLOTS }, () => null);
  #size = 0;
  /** The last tick whose pauses are over. */
  #tick = 0;
  #timer: TimerHandle = null;
  #armedTick = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#originMs = clock.now();
  }

  /** Calls back after `delayMs`, to the nearest millisecond; what the clock's timers lack makes it later. */
  set(delayMs: number, callback: () => void): void {
    const now = this.#clock.now();
    if (this.#size === 0) this.#tick = this.#tickAt(now);
    const tick = Math.max(this.#tick + 1, Math.round((now + delayMs - this.#originMs) / SLOT_MS));
    const slot = tick & LAST_SLOT;
    this.#slots[slot] = { tick, callback, next: this.#slots[slot]! };
    this.#size += 1;
    if (tick < this.#armedTick) this.#arm(tick, now);
  }

  /** Nobody is called back any more. */
  close(): void {
    this.#disarm();
    this.#slots.fill(null);
    this.#size = 0;
  }

  #tickAt(now: number): number {
    return Math.floor((now - this.#originMs) / SLOT_MS);
  }

  #arm(tick: number, now: number): void {
    this.#disarm();
    this.#armedTick = tick;
    // Of a fraction the runtime's timers know nothing.
    const delayMs = Math.round(this.#originMs + tick * SLOT_MS - now);
    const timer = this.#clock.setTimer(Math.max(0, delayMs), () => this.#turn());
    this.#clock.unrefTimer?.(timer);
    this.#timer = timer;
  }

  #disarm(): void {
    if (this.#timer !== null) this.#clock.clearTimer(this.#timer);
    this.#timer = null;
    this.#armedTick = Infinity;
  }

  #turn(): void {
    this.#timer = null;
    this.#armedTick = Infinity;
    const until = this.#tickAt(this.#clock.now() + SLOT_MS / 2);
    // After a standstill of more than a round each slot is looked at once.
    const from = Math.max(this.#tick + 1, until - LAST_SLOT);
    this.#tick = until;
    for (let tick = from; tick <= until; tick += 1) {
      if (this.#slots[tick & LAST_SLOT] !== null) this.#end(tick & LAST_SLOT, until);
    }
    if (this.#size === 0) return;
    const next = this.#nextTick();
    if (next < this.#armedTick) this.#arm(next, this.#clock.now());
  }

  /** Ends the pauses of a slot that are over. */
  #end(slot: number, until: number): void {
    let over: Pause | null = null;
    let kept: Pause | null = null;
    for (let pause = this.#slots[slot]!; pause !== null;) {
      const { next }: Pause = pause;
      if (pause.tick <= until) {
        pause.next = over;
        over = pause;
      } else {
        pause.next = kept;
        kept = pause;
      }
      pause = next!;
    }
    this.#slots[slot] = kept;
    for (; over !== null; over = over.next) {
      this.#size -= 1;
      over.callback();
    }
  }

  /** Of the first pause within a round; where there is none, the end of the round. */
  #nextTick(): number {
    const last = this.#tick + SLOTS;
    for (let tick = this.#tick + 1; tick < last; tick += 1) {
      if (this.#slots[tick & LAST_SLOT] !== null) return tick;
    }
    return last;
  }
}
