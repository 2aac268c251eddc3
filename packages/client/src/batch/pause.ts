import type { Clock } from '@needletail/wire';
import { AbortedError } from '../errors.ts';

/** Waits `delayMs`; rejects with AbortedError as soon as `signal` aborts. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(AbortedError.of(signal));
      return;
    }
    const onAbort = (): void => {
      clock.clearTimer(timer);
      reject(AbortedError.of(signal));
    };
    const timer = clock.setTimer(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
