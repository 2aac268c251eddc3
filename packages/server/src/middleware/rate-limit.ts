import type { AnyContext, Middleware } from '../app/middleware.ts';
import { HttpError } from '../app/http-error.ts';
import { OptionError } from '../errors.ts';
import { TokenBuckets, type RateLimitState, type RateLimitStore } from './rate-limit-store.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface RateLimitOptions {
  /** Requests in `windowMs` for each key. */
  readonly limit: number;
  /** A minute unless given. */
  readonly windowMs?: number;
  /** Who shares a limit; the address of the client unless given, which behind a proxy needs `proxyHeaders`. Null limits nothing. */
  readonly key?: (c: AnyContext) => string | null;
  /** Memory of this process unless given. */
  readonly store?: RateLimitStore;
  /** Keys that the memory holds; 10,000 unless given. */
  readonly maxKeys?: number;
  /** Milliseconds that only grow, for tests. */
  readonly now?: () => number;
}

const OPTIONS: Names<RateLimitOptions> = {
  limit: true,
  windowMs: true,
  key: true,
  store: true,
  maxKeys: true,
  now: true,
};

/**
 * Answers 429 with Retry-After to whoever asks more often than the limit, and says in RateLimit-Limit, RateLimit-Remaining and
 * RateLimit-Reset (seconds) of every answer how much is left (draft-ietf-httpapi-ratelimit-headers-06). Where the store fails,
 * requests fail.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  checkNames('rateLimit', options, OPTIONS);
  const { limit, windowMs = 60_000, key = addressOf, maxKeys = 10_000 } = options;
  if (!Number.isSafeInteger(limit) || limit < 1 || !(windowMs > 0)) {
    throw new OptionError('rateLimit', `${limit} in ${windowMs} ms is no limit`, 'Give 1 or more');
  }
  const now = options.now ?? (() => performance.now());
  const store = options.store ?? new TokenBuckets({ limit, windowMs, maxKeys, now });
  const policy = `${limit};w=${Math.ceil(windowMs / 1000)}`;
  return {
    name: 'rate-limit',
    handle(c, next) {
      const name = key(c);
      if (name === null) return next();
      const judge = (state: RateLimitState): unknown => {
        const { fields } = c;
        fields.set('RateLimit-Limit', String(limit));
        fields.set('RateLimit-Policy', policy);
        fields.set('RateLimit-Remaining', String(state.remaining));
        fields.set('RateLimit-Reset', secondsOf(state.resetMs));
        if (state.isAllowed) return next();
        const headers = { 'Retry-After': secondsOf(Math.max(1, state.retryMs)) };
        throw new HttpError(429, null, { headers });
      };
      const state = store.take(name);
      return state instanceof Promise ? state.then(judge) : judge(state);
    },
  };
}

/** One customer of a provider has a whole /64 of IPv6. */
function addressOf({ remoteAddress }: AnyContext): string {
  if (!remoteAddress.includes(':') || remoteAddress.startsWith('::ffff:')) return remoteAddress;
  const [head = '', tail] = remoteAddress.split('::');
  const first = head.split(':').filter((group) => group !== '');
  if (tail !== undefined) {
    const last = tail.split(':').filter((group) => group !== '');
    while (first.length + last.length < 8) first.push('0');
    first.push(...last);
  }
  return first.slice(0, 4).join(':');
}

function secondsOf(durationMs: number): string {
  return String(Math.ceil(durationMs / 1000));
}
