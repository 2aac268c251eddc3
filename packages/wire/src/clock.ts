/** What `Clock.setTimer` hands back; give it to `clearTimer`, nothing else. */
export type TimerHandle = unknown;

/**
 * The only source of time in the toolkit, so that every schedule can be tested on a clock that a test moves by hand.
 * All times are milliseconds with a fraction, on a monotonic scale whose zero means nothing.
 */
export interface Clock {
  /** How late a timer may come, at the usual worst; 0 on a clock whose timers are exact. */
  readonly timerSlackMs: number;
  now(): number;
  /** Calls `callback` once, `delayMs` from now at the earliest, and up to `timerSlackMs` later. */
  setTimer(delayMs: number, callback: () => void): TimerHandle;
  clearTimer(handle: TimerHandle): void;
  /** Lets the process end although the timer is set; absent where timers keep no process alive. */
  unrefTimer?(handle: TimerHandle): void;
  /** Calls `callback` after the input and output that is already waiting has been handled. */
  soon(callback: () => void): void;
}

/** The global is a getter, which costs a sixth of the look at the clock. */
const { performance } = globalThis;

/** The machine's own clock: `performance.now`, `setTimeout` and `setImmediate`. */
export const systemClock: Clock = {
  timerSlackMs: 1.1,
  now: () => performance.now(),
  setTimer: (delayMs, callback) => setTimeout(callback, delayMs),
  clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout),
  unrefTimer: (handle) => void (handle as NodeJS.Timeout).unref(),
  soon: (callback) => void setImmediate(callback),
};
