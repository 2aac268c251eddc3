import type { AnyContext, Middleware } from '../app/middleware.ts';
import { HttpError } from '../app/http-error.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface TimeoutOptions {
  /** 503 unless given. */
  readonly status?: number;
  /** Seconds for Retry-After; none unless given. */
  readonly retryAfterSeconds?: number;
}

const OPTIONS: Names<TimeoutOptions> = {
  status: true,
  retryAfterSeconds: true,
};

/**
 * Answers 503 where what comes after has not answered `timeoutMs` after it began, and aborts `c.signal`: work that listens to it
 * stops. What the handler does then changes nothing any more. An answer that has begun, a stream, is not limited.
 */
export function timeout(timeoutMs: number, options: TimeoutOptions = {}): Middleware {
  checkNames('timeout', options, OPTIONS);
  const { status = 503, retryAfterSeconds } = options;
  const headers =
    retryAfterSeconds === undefined
      ? {}
      : { headers: { 'Retry-After': String(retryAfterSeconds) } };
  return {
    name: 'timeout',
    handle(c, next) {
      c.mayAbort();
      const value = next();
      if (!(value instanceof Promise)) return value;
      return within(
        timeoutMs,
        c,
        value,
        () => new HttpError(status, 'No answer in time.', headers),
      );
    },
  };
}

function within(
  timeoutMs: number,
  c: AnyContext,
  value: Promise<unknown>,
  late: () => Error,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = late();
      reject(error);
      c.abort(error);
    }, timeoutMs);
    value.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
