import {
  DEFAULT_REQUEST_LIMITS,
  type Clock,
  type Link,
  type LinkHandler,
  type RequestLimits,
} from '@needletail/wire';
import type { ProcessOptions } from './cluster/cluster-options.ts';
import type { ListenOptions, ServerReply, ServerRequest } from './exchange.ts';

/** How long a connection may stay in one state, in milliseconds; looked at twice a second. */
export interface ServerTimeouts {
  /** From the first byte of a head to its last: absolute, so that a drip does not extend it; then 408. */
  readonly headMs: number;
  /** Between two pieces of a body; then 408. */
  readonly bodyIdleMs: number;
  /** After this a body has to keep up `minBodyBytesPerSecond` on average; then 408. */
  readonly bodyGraceMs: number;
  /** From a head to the beginning of its answer; then 503. */
  readonly requestMs: number;
  /** Between two requests; then the connection is closed. */
  readonly keepAliveMs: number;
  /** For a client that does not read what it asked for; then the connection is dropped. */
  readonly writeStallMs: number;
  /** For the rest of a body that nobody read, and for a client to close after the last answer. */
  readonly drainMs: number;
}

/** Sizes; those of the codec are refused with the status that RFC 9110 has for each. */
export interface ServerLimits extends RequestLimits {
  /** The body that `IncomingBody.bytes()` takes unless told otherwise; a streamed one has no limit. */
  readonly bodyBytes: number;
  /** Of a body that nobody read, drained so that the connection can be kept. */
  readonly drainBytes: number;
  /** Bytes read ahead while an answer is prepared, then reading stops. */
  readonly readAheadBytes: number;
  /** Answers not yet written, in bytes, before the next request is looked at. */
  readonly unsentBytes: number;
  readonly minBodyBytesPerSecond: number;
}

/**
 * Makes the connection yours: what was answered before is written, no answer to this request is, and every byte after its
 * head goes to the handler that `accept` makes, beginning with those that came along. Throws TakeOverError when too late.
 */
export type TakeOver = (accept: (link: Link) => LinkHandler) => void;

export interface ServerOptions extends ListenOptions, ProcessOptions {
  /** Connections beyond are answered 503 and closed; 0, as unset, for no limit. */
  readonly maxConnections?: number;
  readonly limits?: Partial<ServerLimits>;
  readonly timeouts?: Partial<ServerTimeouts>;
  /** Connections the system may hold before they are accepted; 511 unless set. */
  readonly backlog?: number;
  readonly clock?: Clock;
  /** What a handler threw, and a connection that could not be accepted (without `request`); unless set, printed to stderr. */
  readonly onError?: (error: unknown, request?: ServerRequest) => void;
  /** A connection was accepted, refused ones among them; with the address of its client. Of `wire` only. */
  readonly onConnection?: (remoteAddress: string) => void;
  /** The connection itself answered: what is no request, is too large or too slow. Of `wire` only. */
  readonly onRefusal?: (status: number, remoteAddress: string) => void;
  /**
   * A request to switch protocols (RFC 9110 §7.8): true to deal with it, by `takeOver` or by the reply, now or later; false to
   * have it answered like any other.
   */
  readonly onUpgrade?: (request: ServerRequest, reply: ServerReply, takeOver: TakeOver) => boolean;
}

export const DEFAULT_SERVER_TIMEOUTS: ServerTimeouts = {
  headMs: 15_000,
  bodyIdleMs: 30_000,
  bodyGraceMs: 10_000,
  requestMs: 300_000,
  keepAliveMs: 5_000,
  writeStallMs: 30_000,
  drainMs: 1_000,
};

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  ...DEFAULT_REQUEST_LIMITS,
  drainBytes: 64 * 1024,
  readAheadBytes: 64 * 1024,
  unsentBytes: 256 * 1024,
  minBodyBytesPerSecond: 500,
};
