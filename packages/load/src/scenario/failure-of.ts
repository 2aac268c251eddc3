import {
  AbortedError,
  AppError,
  ConnectError,
  ConnectTimeoutError,
  DecodingError,
  PoolTimeoutError,
  ProxyError,
  ReadError,
  RemoteProtocolError,
  TimeoutError,
  TlsError,
  WebSocketError,
  WriteError,
} from '@needletail/client';
import { LinkError } from '@needletail/wire';
import type { FailureKind } from '../collect/run-summary.ts';

/** What becomes of a request in the ledger. */
export interface Fate {
  /** `dropped`: it waited for a connection until its time was over, and was never sent. */
  readonly kind: FailureKind | 'dropped';
  readonly message: string;
  /** The system of the generator had no file or local port left. */
  readonly isOutOfSockets?: true;
}

const HANDSHAKE_CODES: ReadonlyMap<string, FailureKind> = new Map([
  ['HANDSHAKE_TIMEOUT', 'timeout'],
  ['ABNORMAL_CLOSE', 'reset'],
  ['NOT_OPEN', 'reset'],
  ['PONG_TIMEOUT', 'timeout'],
]);

/**
 * Sorts an error of the client under the kinds of the ledger, with the words that requests without a script are counted
 * under: the same server makes the same entries. `hasBegun` says whether any byte of an answer had come.
 */
export function fateOf(error: unknown, hasBegun: boolean, timeoutMs: number): Fate {
  if (error instanceof PoolTimeoutError) return { kind: 'dropped', message: error.message };
  if (error instanceof ConnectTimeoutError || error instanceof ConnectError)
    return unconnected(error);
  if (error instanceof TlsError || error instanceof ProxyError) return unconnected(error);
  if (error instanceof TimeoutError)
    return { kind: 'timeout', message: timedOut(error, timeoutMs) };
  if (error instanceof ReadError || error instanceof WriteError) return lost(error, hasBegun);
  if (error instanceof RemoteProtocolError) return { kind: 'protocol', message: causeOf(error) };
  if (error instanceof DecodingError) return { kind: 'protocol', message: error.message };
  if (error instanceof AppError) {
    return { kind: 'reset', message: `the application threw: ${causeOf(error)}` };
  }
  if (error instanceof WebSocketError) {
    const kind = HANDSHAKE_CODES.get(error.code) ?? 'protocol';
    return { kind, message: error.message };
  }
  if (error instanceof AbortedError) {
    const { cause } = error;
    return cause instanceof TimeoutError
      ? { kind: 'timeout', message: timedOut(cause, timeoutMs) }
      : { kind: 'script', message: 'aborted by the scenario' };
  }
  return { kind: 'script', message: error instanceof Error ? error.message : String(error) };
}

/** Every limit that the plan sets is the time-out of the run; one that a scenario sets for itself is told as it is. */
function timedOut(error: TimeoutError, timeoutMs: number): string {
  return error.code === 'EXCHANGE_TIMEOUT' && error.message.includes(` ${timeoutMs} ms `)
    ? `no complete answer within ${timeoutMs} ms`
    : error.message;
}

function unconnected(error: Error): Fate {
  const message = causeOf(error);
  const { cause } = error;
  const isOurs =
    cause instanceof LinkError &&
    (cause.code === 'TOO_MANY_FILES' || cause.code === 'NO_LOCAL_PORTS');
  return isOurs ? { kind: 'connect', message, isOutOfSockets: true } : { kind: 'connect', message };
}

function lost(error: Error, hasBegun: boolean): Fate {
  if (error.cause instanceof LinkError) {
    return { kind: hasBegun ? 'truncated' : 'reset', message: error.cause.message };
  }
  return hasBegun
    ? { kind: 'truncated', message: 'the connection was closed in the middle of an answer' }
    : { kind: 'reset', message: 'the connection was closed before an answer came' };
}

/** What the wire said: it does not name the URL, so that failures of many URLs are one. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
