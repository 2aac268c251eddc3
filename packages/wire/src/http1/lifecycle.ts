/*
 * Decisions about a connection that depend on nothing but their arguments. Timers, sockets and queues live elsewhere.
 */

/**
 * Whether a connection outlives a message (RFC 9112 §9.3): `close` always wins, HTTP/1.1 persists by default, HTTP/1.0
 * only when asked.
 */
export function isPersistent(
  minorVersion: 0 | 1,
  hasClose: boolean,
  hasKeepAlive: boolean,
): boolean {
  return !hasClose && (minorVersion === 1 || hasKeepAlive);
}

/** What a server does about Expect when its handler first asks for the body. */
export type ExpectAction = 'send-continue' | 'read' | 'refuse-417';

/**
 * The answer to an expectation (RFC 9110 §10.1.1): nothing for HTTP/1.0 or when nothing is expected, nothing either when
 * body bytes have already come, for the client did not wait.
 */
export function expectAction(request: {
  readonly minorVersion: 0 | 1;
  readonly expectContinue: boolean;
  readonly expectUnknown: boolean;
  readonly hasBodyBytes: boolean;
}): ExpectAction {
  if (request.minorVersion === 0) return 'read';
  if (request.expectUnknown) return 'refuse-417';
  return request.expectContinue && !request.hasBodyBytes ? 'send-continue' : 'read';
}

/**
 * Whether a server may switch protocols on a request (RFC 9110 §7.8). A request with a body is not upgraded: its body
 * would have to be read before the new protocol, and nobody agrees on where one ends and the other begins.
 */
export function canUpgrade(request: {
  readonly minorVersion: 0 | 1;
  readonly hasUpgradeField: boolean;
  readonly isUpgradeListed: boolean;
  readonly hasBody: boolean;
}): boolean {
  const isAsked = request.hasUpgradeField && request.isUpgradeListed;
  return isAsked && request.minorVersion === 1 && !request.hasBody;
}

const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PUT',
  'DELETE',
  'QUERY',
]);

/**
 * Whether a client may send a request again, once, on a fresh connection after a kept one turned out to be closed
 * (RFC 9112 §9.3.1). A load engine never does.
 */
export function mayResend(attempt: {
  readonly isReusedConnection: boolean;
  readonly method: string;
  readonly responseBytes: number;
  readonly isBodyReplayable: boolean;
  readonly resends: number;
}): boolean {
  return (
    attempt.isReusedConnection &&
    attempt.resends === 0 &&
    attempt.responseBytes === 0 &&
    attempt.isBodyReplayable &&
    IDEMPOTENT_METHODS.has(attempt.method)
  );
}
