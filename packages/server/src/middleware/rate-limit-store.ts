/** What a store says of one request. */
export interface RateLimitState {
  readonly isAllowed: boolean;
  /** Requests that would be allowed now. */
  readonly remaining: number;
  /** Until all of the limit is there again. */
  readonly resetMs: number;
  /** Until one more request is allowed; 0 where one is. */
  readonly retryMs: number;
}

/** Counts requests by key; one that several processes share answers later. */
export interface RateLimitStore {
  take(key: string): RateLimitState | Promise<RateLimitState>;
}

export interface MemoryStoreOptions {
  /** Requests in `windowMs`; so many may come at once. */
  readonly limit: number;
  readonly windowMs: number;
  /** Keys that are remembered; beyond, the one that was not seen for longest is forgotten. */
  readonly maxKeys: number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
}

/** Sums of fractions fall a little short. */
const ONE = 1 - 1e-9;

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * A bucket of `limit` tokens for each key, refilled evenly over the window: unlike a count that begins anew with each window it
 * never lets twice the limit through around its edge. Memory is that of `maxKeys` keys.
 */
export class TokenBuckets implements RateLimitStore {
  readonly #options: MemoryStoreOptions;
  readonly #perMs: number;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
    this.#perMs = options.limit / options.windowMs;
  }

  get size(): number {
    return this.#buckets.size;
  }

  take(key: string): RateLimitState {
    const { limit, maxKeys, now } = this.#options;
    const nowMs = now();
    const bucket = this.#buckets.get(key) ?? { tokens: limit, atMs: nowMs };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > maxKeys) this.#forgetOldest();
    bucket.tokens = Math.min(limit, bucket.tokens + (nowMs - bucket.atMs) * this.#perMs);
    bucket.atMs = nowMs;
    const isAllowed = bucket.tokens >= ONE;
    if (isAllowed) bucket.tokens -= 1;
    return {
      isAllowed,
      remaining: Math.floor(bucket.tokens),
      resetMs: (limit - bucket.tokens) / this.#perMs,
      retryMs: bucket.tokens >= ONE ? 0 : (1 - bucket.tokens) / this.#perMs,
    };
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next();
    if (oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}
