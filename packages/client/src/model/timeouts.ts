/** Milliseconds a request may spend in each phase; null is no limit. A plain number sets all but `exchange` and `total`. */
export interface TimeoutOptions {
  /** Waiting for a connection when the pool has reached its limits. */
  readonly pool?: number | null;
  /** Name resolution, connecting, proxy and TLS handshake together. */
  readonly connect?: number | null;
  /** Without the peer taking any byte of the request. */
  readonly write?: number | null;
  /** Without a byte of the response: before its first byte, and between two reads. */
  readonly read?: number | null;
  /** From the head being sent to the end of the body, of each exchange on the wire; none unless set. */
  readonly exchange?: number | null;
  /** From the call to the end of the body: redirects, retries, authentication and waiting included. */
  readonly total?: number | null;
}

export type TimeoutInput = number | null | TimeoutOptions;

/** Milliseconds; Infinity where there is no limit. */
export interface Timeouts {
  readonly pool: number;
  readonly connect: number;
  readonly write: number;
  readonly read: number;
  readonly exchange: number;
  readonly total: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  pool: 30_000,
  connect: 10_000,
  write: 30_000,
  read: 30_000,
  exchange: Infinity,
  total: Infinity,
};
