import type { Clock } from '@needletail/wire';
import { AbortedError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';

/** Waits `pauseMs`; rejects AbortedError as soon as the request's signal is aborted. */
export function pause(clock: Clock, pauseMs: number, request: ClientRequest): Promise<void> {
  const { signal, method, url } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(AbortedError.of(signal, method, url.href));
      return;
    }
    const onAbort = (): void => {
      clock.clearTimer(timer);
      reject(AbortedError.of(signal!, method, url.href));
    };
    const timer = clock.setTimer(pauseMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
