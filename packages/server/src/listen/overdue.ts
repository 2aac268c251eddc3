import type { BodyPace } from './body-pace.ts';
import type { ServerLimits, ServerTimeouts } from './server-options.ts';
import type { WireExchange } from './wire-exchange.ts';

/** What a connection does when its time is up: nothing yet, close, or refuse; what is our own fault is reported too. */
export type Overdue =
  | null
  | 'close'
  | { readonly status: 408 | 503; readonly reason: string; readonly isOurs: boolean };

const HEAD_TOO_SLOW: Overdue = { status: 408, reason: 'the head took too long', isOurs: false };
const BODY_TOO_SLOW: Overdue = { status: 408, reason: 'the body took too long', isOurs: false };
const NO_ANSWER: Overdue = { status: 503, reason: 'no answer in time', isOurs: true };

export interface ConnectionState {
  readonly exchange: WireExchange | null;
  /** The head of the exchange is there, the end of its body is not. */
  readonly inBody: boolean;
  readonly pace: BodyPace | null;
  readonly isInHead: boolean;
  readonly wasUsed: boolean;
  /** The client does not take what was written. */
  readonly isBlocked: boolean;
  /** How long it has been so. */
  readonly ageMs: number;
}

export interface ConnectionLimits {
  readonly timeouts: ServerTimeouts;
  readonly limits: ServerLimits;
  readonly nowMs: number;
}

/** Looked at twice a second. */
export function overdueOf(
  state: ConnectionState,
  { timeouts, limits, nowMs }: ConnectionLimits,
): Overdue {
  const { exchange, ageMs } = state;
  if (exchange === null) return state.isBlocked ? null : overdueWait(state, timeouts);
  if (!exchange.isAnswered && ageMs >= timeouts.requestMs) return NO_ANSWER;
  const body = exchange.receivedBody;
  if (!state.inBody || body === null) return null;
  if (body.isWanted && !body.isHeld) {
    return state.pace?.isTooSlow(nowMs, timeouts, limits) === true ? BODY_TOO_SLOW : null;
  }
  const isUnread = exchange.isAnswered && !exchange.isStreaming;
  return isUnread && ageMs >= timeouts.drainMs ? 'close' : null;
}

/** Between two requests, or inside a head. */
function overdueWait(
  { isInHead, wasUsed, ageMs }: ConnectionState,
  { headMs, keepAliveMs }: ServerTimeouts,
): Overdue {
  if (isInHead) return ageMs >= headMs ? HEAD_TOO_SLOW : null;
  return ageMs >= (wasUsed ? keepAliveMs : headMs) ? 'close' : null;
}
