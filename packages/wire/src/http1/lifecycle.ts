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
