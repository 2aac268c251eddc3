/** When and how often a failed request is sent again. */
export interface RetryOptions {
  /** Tries after the first; 2 unless set. */
  readonly attempts?: number;
  /** Default GET, HEAD, OPTIONS, TRACE, PUT, DELETE, QUERY: those whose repetition changes nothing (RFC 9110 §9.2.2). */
  readonly methods?: readonly string[];
  /** Default 408, 425, 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[];
  /** The first pause, doubled each time; 300 unless set. */
  readonly backoffMs?: number;
  /** No pause is longer, Retry-After included: a longer one ends the tries. 30 000 unless set. */
  readonly maxBackoffMs?: number;
  /** Each pause is drawn between half and one and a half of itself; true unless set. */
  readonly jitter?: boolean;
  /** Whether Retry-After (RFC 9110 §10.2.3) takes the place of the pause; true unless set. */
  readonly respectRetryAfter?: boolean;
}

/** Options with their defaults, in forms quick to ask. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly methods: ReadonlySet<string>;
  readonly statuses: ReadonlySet<number>;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  readonly jitter: boolean;
  readonly respectRetryAfter: boolean;
}
