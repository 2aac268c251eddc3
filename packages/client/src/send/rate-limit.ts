import type { Layer } from './layer.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Each request that goes to the wire, redirects and retries among them, takes its turn. */
export function rateLimitLayer(limiter: RateLimiter): Layer {
  return (request, next) => {
    const turn = limiter.take(request);
    return turn === null ? next(request) : turn.then(() => next(request));
  };
}
