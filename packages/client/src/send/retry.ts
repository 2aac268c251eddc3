import type { Clock } from '@needletail/wire';
import {
  ConnectError,
  ConnectTimeoutError,
  ProxyError,
  ReadError,
  ReadTimeoutError,
  WriteError,
  WriteTimeoutError,
} from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { Exchange, Layer, Send } from './layer.ts';
import { pause } from './pause.ts';
import { retryAfterMs } from './retry-after.ts';
import type { RetryPolicy } from './retry-policy.ts';
import { setAside } from './set-aside.ts';

/** Where the time and the chance come from. */
export interface RetrySources {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Milliseconds of the epoch, for dates in Retry-After. */
  readonly wallClockMs: () => number;
}

/**
 * Sends again what failed on the network or was answered with a status of the policy, after a pause that doubles each
 * time. Not when the body can be read once only; a response that was handed over is never asked for again.
 */
export function retryLayer(sources: RetrySources): Layer {
  return (request, next) => {
    const { retry, body } = request;
    if (retry === null || !retry.methods.has(request.method)) return next(request);
    if (body !== null && !body.isReplayable) return next(request);
    return sendRepeatedly(request, retry, next, sources);
  };
}

async function sendRepeatedly(
  request: ClientRequest,
  policy: RetryPolicy,
  next: Send,
  sources: RetrySources,
): Promise<Exchange> {
  for (let tries = 1; ; tries += 1) {
    const isLast = tries > policy.attempts;
    let exchange: Exchange | null = null;
    try {
      exchange = await next(request);
      if (isLast || !policy.statuses.has(exchange.response.status)) return exchange;
    } catch (error) {
      if (isLast || !isWorthAnotherTry(error)) throw error;
    }
    const pauseMs = pauseBefore(tries, policy, exchange?.response ?? null, sources);
    if (exchange !== null) {
      if (pauseMs > policy.maxBackoffMs) return exchange;
      setAside(exchange);
    }
    await pause(sources.clock, pauseMs, request.signal, request);
  }
}

/** The network's doing, and perhaps gone next time; not a limit of this client, a certificate, or a broken rule. */
function isWorthAnotherTry(error: unknown): boolean {
  return (
    error instanceof ConnectError ||
    error instanceof ConnectTimeoutError ||
    error instanceof ReadError ||
    error instanceof ReadTimeoutError ||
    error instanceof WriteError ||
    error instanceof WriteTimeoutError ||
    (error instanceof ProxyError && error.code === 'PROXY_UNREACHABLE')
  );
}

/** More than `maxBackoffMs` only where the server asks for it. */
function pauseBefore(
  tries: number,
  policy: RetryPolicy,
  response: TransportResponse | null,
  { random, wallClockMs }: RetrySources,
): number {
  if (response !== null && policy.respectRetryAfter) {
    const value = response.headers.get('retry-after');
    const askedMs = value === null ? null : retryAfterMs(value, wallClockMs());
    if (askedMs !== null) return askedMs;
  }
  const plainMs = policy.backoffMs * 2 ** (tries - 1);
  const drawnMs = policy.jitter ? plainMs * (0.5 + random()) : plainMs;
  return Math.min(drawnMs, policy.maxBackoffMs);
}
