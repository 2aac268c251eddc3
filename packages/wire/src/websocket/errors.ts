import { WireError } from '../http1/errors.ts';
import { CLOSE_POLICY, CLOSE_TOO_BIG } from './close-codes.ts';
import { FRAME_RULES, type FrameRuleCode } from './frame-rules.ts';
import type { MessageLimitName } from './limits.ts';

/*
 * WireError                  see ../http1/errors.ts
 * ├─ FrameError              the peer broke a rule of WebSocket: code, offset, closeCode
 * │  └─ FrameLimitError      the peer kept the rules and passed a limit of ours: limit, maximum, actual
 * ├─ FrameEncodeError        we were asked to send what must not be sent: code
 * └─ HandshakeError          the upgrade is refused: code, status (0 where a client refuses)
 */

/** Stable name of what a peer did wrong after the handshake. */
export type FrameErrorCode = FrameRuleCode | 'LIMIT_EXCEEDED';

/**
 * The peer broke a rule; send `closeCode` and end the connection (RFC 6455 §7.1.7).
 * `offset` counts bytes from the first one after the handshake.
 */
export class FrameError extends WireError {
  override readonly name: string = 'FrameError';
  declare readonly code: FrameErrorCode;
  readonly offset: number;
  readonly closeCode: number;

  constructor(code: FrameErrorCode, message: string, offset: number, closeCode: number) {
    super(code, message);
    this.offset = offset;
    this.closeCode = closeCode;
  }
}

/** A message is larger than accepted; `actual` is the first amount known not to fit, the same however bytes arrived. */
export class FrameLimitError extends FrameError {
  override readonly name: string = 'FrameLimitError';
  readonly limit: MessageLimitName;
  readonly maximum: number;
  readonly actual: number;

  constructor(limit: MessageLimitName, maximum: number, actual: number, offset: number) {
    super(
      'LIMIT_EXCEEDED',
      `Message too large: ${limit} is ${actual}, at most ${maximum} accepted (byte ${offset}). ` +
        `Send less, or raise ${limit}.`,
      offset,
      limit === 'maxMessageBytes' ? CLOSE_TOO_BIG : CLOSE_POLICY,
    );
    this.limit = limit;
    this.maximum = maximum;
    this.actual = actual;
  }
}

/** Stable name of a reason why a frame cannot be sent. */
export type FrameEncodeCode = 'INVALID_CLOSE_CODE' | 'CONTROL_TOO_LONG' | 'CLOSE_SENT';

/** What was to be sent would break the rules for the peer. */
export class FrameEncodeError extends WireError {
  override readonly name: string = 'FrameEncodeError';
  declare readonly code: FrameEncodeCode;

  constructor(code: FrameEncodeCode, message: string) {
    super(code, message);
  }
}

/** Stable name of a reason why the handshake fails (RFC 6455 §4). */
export type HandshakeCode =
  | 'NOT_AN_UPGRADE'
  | 'INVALID_KEY'
  | 'UNSUPPORTED_VERSION'
  | 'ORIGIN_REFUSED'
  | 'INVALID_ACCEPT'
  | 'INVALID_SUBPROTOCOL'
  | 'INVALID_EXTENSIONS'
  | 'NOT_SWITCHED';

/** The handshake cannot go on. A server answers with `status`; on the client it is 0. */
export class HandshakeError extends WireError {
  override readonly name: string = 'HandshakeError';
  declare readonly code: HandshakeCode;
  readonly status: number;

  constructor(code: HandshakeCode, status: number, message: string) {
    super(code, message);
    this.status = status;
  }
}

/** The error for a broken rule; `found` describes the offending bytes. */
export function brokenFrameRule(code: FrameRuleCode, offset: number, found = ''): FrameError {
  const { closeCode, problem, source, remedy } = FRAME_RULES[code];
  const cause = found === '' ? '' : `: ${found}`;
  return new FrameError(
    code,
    `${problem}${cause} (byte ${offset}; ${source}). ${remedy}.`,
    offset,
    closeCode,
  );
}
