import type { Middleware } from '../app/middleware.ts';
import { BodyTooLargeError } from '../errors.ts';

/**
 * Refuses bodies above `maxBytes` with 413: at once where the request says how long it is, else while it is read through
 * `c.read`. A route's own `bodyLimitBytes` counts where it is lower.
 */
export function bodyLimit(maxBytes: number): Middleware {
  return {
    name: 'body-limit',
    handle(c, next) {
      const { length } = c.request.body;
      if (length !== null && length > maxBytes) {
        throw new BodyTooLargeError(maxBytes, `${c.method} ${c.path}`);
      }
      c.limitBody(maxBytes);
      return next();
    },
  };
}
