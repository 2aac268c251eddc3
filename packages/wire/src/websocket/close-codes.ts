/** Normal end of the conversation (RFC 6455 §7.4.1). */
export const CLOSE_NORMAL = 1000;
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_PROTOCOL_ERROR = 1002;
export const CLOSE_UNSUPPORTED_DATA = 1003;
/** Stands for a close frame without a code; never sent. */
export const CLOSE_NO_STATUS = 1005;
/** Stands for a connection that went away without a close frame; never sent. */
export const CLOSE_ABNORMAL = 1006;
/** Text that is not UTF-8, or data that cannot be inflated. */
export const CLOSE_INVALID_DATA = 1007;
export const CLOSE_POLICY = 1008;
export const CLOSE_TOO_BIG = 1009;
export const CLOSE_INTERNAL_ERROR = 1011;

/**
 * Whether a close frame may carry `code`: the registered ones that describe something a peer can say, and the ranges
 * for libraries (3000-3999) and applications (4000-4999). RFC 6455 §7.4.2 and the IANA registry.
 */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999 && Number.isInteger(code);
  return SENDABLE.has(code);
}

const SENDABLE: ReadonlySet<number> = new Set([
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
]);
