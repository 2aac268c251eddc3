import type { Clock, TimerHandle } from '@needletail/wire';
import { AbortedError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { readTimedOut } from './timeout-errors.ts';

/**
 * What `work` comes to, unless the request is aborted or its read timeout passes first: for transports that have no
 * connection whose silence could be watched. `receivedBytes` of the response have come so far.
 */
export function withinLimits<T>(
  work: Promise<T>,
  request: ClientRequest,
  clock: Clock,
  receivedBytes: number,
): Promise<T> {
  const { signal, timeouts, method, url } = request;
  if (signal === null && timeouts.read === Infinity) return work;
  return new Promise<T>((resolve, reject) => {
    let timer: TimerHandle = null;
    const settle = (): void => {
      if (timer !== null) clock.clearTimer(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      settle();
      reject(AbortedError.of(signal!, method, url.href));
    };
    if (signal?.aborted === true) {
      onAbort();
      work.catch(() => undefined);
      return;
    }
    signal?.addEventListener('abort', onAbort);
    if (timeouts.read !== Infinity) {
      timer = clock.setTimer(timeouts.read, () => {
        settle();
        reject(readTimedOut(request, timeouts.read, receivedBytes));
      });
    }
    work.then(resolve, reject).finally(settle);
  });
}
