import {
  ConnectTimeoutError,
  PoolTimeoutError,
  ReadTimeoutError,
  WriteTimeoutError,
} from '../errors.ts';
import { placeOf, type Concerned } from './explain.ts';

export function poolTimedOut(request: Concerned, limitMs: number): PoolTimeoutError {
  return new PoolTimeoutError({
    code: 'POOL_TIMEOUT',
    phase: 'pool',
    problem: 'No connection in time',
    reason: `all that the limits allow were busy for ${limitMs} ms`,
    remedy: 'Read or close the responses in use, raise limits.maxConnections, or timeout.pool',
    ...placeOf(request),
  });
}

export function connectTimedOut(request: Concerned, limitMs: number): ConnectTimeoutError {
  return new ConnectTimeoutError({
    code: 'CONNECT_TIMEOUT',
    phase: 'connect',
    problem: 'Connecting took too long',
    reason: `no connection within ${limitMs} ms`,
    remedy: 'Check the address, the route and the firewall, or raise timeout.connect',
    ...placeOf(request),
  });
}

export function writeTimedOut(request: Concerned, limitMs: number): WriteTimeoutError {
  return new WriteTimeoutError({
    code: 'WRITE_TIMEOUT',
    phase: 'send',
    problem: 'Request not taken in time',
    reason: `the server took no byte of it for ${limitMs} ms`,
    remedy: 'Check whether the server reads request bodies, or raise timeout.write',
    ...placeOf(request),
  });
}

/** `answeredBytes` counts from the end of the head on, or from any place after it. */
export function readTimedOut(
  request: Concerned,
  limitMs: number,
  answeredBytes: number,
): ReadTimeoutError {
  const isUnanswered = answeredBytes === 0;
  return new ReadTimeoutError({
    code: 'READ_TIMEOUT',
    phase: isUnanswered ? 'head' : 'body',
    problem: isUnanswered ? 'No response in time' : 'Response stalled',
    reason: `no byte came for ${limitMs} ms`,
    remedy: 'Check what keeps the server busy, or raise timeout.read',
    ...placeOf(request),
  });
}

/** `answeredBytes` as for `readTimedOut`. */
export function exchangeTimedOut(
  request: Concerned,
  limitMs: number,
  answeredBytes: number,
): ReadTimeoutError {
  const isUnanswered = answeredBytes === 0;
  return new ReadTimeoutError({
    code: 'EXCHANGE_TIMEOUT',
    phase: isUnanswered ? 'head' : 'body',
    problem: isUnanswered ? 'No response in time' : 'Response incomplete in time',
    reason: `it was not all here ${limitMs} ms after the request was sent`,
    remedy: 'Check what keeps the server busy, or raise timeout.exchange',
    ...placeOf(request),
  });
}
