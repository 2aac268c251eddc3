import type { Clock, TimerHandle } from '@needletail/wire';
import { AbortedError } from '../errors.ts';
import type { Concerned } from '../transport/explain.ts';

/** Waits `pauseMs`; rejects AbortedError, which names `request`, as soon as `signal` is aborted. */
export function pause(
  clock: Clock,
  pauseMs: number,
  signal: AbortSignal | null,
  request?: Concerned,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      if (timer !== null) clock.clearTimer(timer);
      reject(AbortedError.of(signal!, request?.method, request?.url.href));
    };
    let timer: TimerHandle = null;
    if (signal?.aborted === true) {
      onAbort();
      return;
    }
    timer = clock.setTimer(pauseMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
