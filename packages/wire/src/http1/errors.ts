import { LIMIT_STATUS, type LimitName } from './limits.ts';
import { PROTOCOL_RULES, type RuleCode } from './protocol-rules.ts';

/*
 * WireError                  everything this package throws on purpose
 * ├─ ProtocolError           the peer broke a rule: code, offset, status
 * │  └─ LimitError           the peer kept the rules and passed a limit of ours: limit, maximum, actual
 * ├─ EncodeError             we were asked to send what must not be sent: code, what
 * └─ CodecStateError         the codec was called at the wrong time
 */

/** Base of the errors of the wire; `code` is stable, the message is for people. */
export class WireError extends Error {
  override readonly name: string = 'WireError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Stable name of what a peer did wrong. */
export type ProtocolCode = RuleCode | 'LIMIT_EXCEEDED';

/**
 * The peer broke a rule; the connection is of no more use.
 * `offset` counts bytes from the start of the connection; `status` is what a server answers (0: only a client sees it).
 */
export class ProtocolError extends WireError {
  override readonly name: string = 'ProtocolError';
  declare readonly code: ProtocolCode;
  readonly offset: number;
  readonly status: number;

  constructor(code: ProtocolCode, message: string, offset: number, status: number) {
    super(code, message);
    this.offset = offset;
    this.status = status;
  }
}

/** The peer passed a limit; `actual` is the first amount that no longer fits, the same however the bytes arrived. */
export class LimitError extends ProtocolError {
  override readonly name: string = 'LimitError';
  readonly limit: LimitName;
  readonly maximum: number;
  readonly actual: number;

  constructor(limit: LimitName, maximum: number, actual: number, offset: number) {
    super(
      'LIMIT_EXCEEDED',
      `Message too large: ${limit} is ${actual}, at most ${maximum} accepted (byte ${offset}). ` +
        `Send less, or raise limits.${limit}.`,
      offset,
      LIMIT_STATUS[limit],
    );
    this.limit = limit;
    this.maximum = maximum;
    this.actual = actual;
  }
}

/** Stable name of a reason why a head or a body cannot be sent. */
export type EncodeCode =
  | 'INVALID_NAME'
  | 'INVALID_VALUE'
  | 'INVALID_METHOD'
  | 'INVALID_TARGET'
  | 'INVALID_STATUS'
  | 'RESERVED_FIELD'
  | 'INVALID_LENGTH'
  | 'INVALID_FRAMING'
  | 'LENGTH_MISMATCH';

/** What was to be sent must not be: it would split the message, or contradict its own framing. */
export class EncodeError extends WireError {
  override readonly name: string = 'EncodeError';
  declare readonly code: EncodeCode;
  /** The field or the part of the message at fault. */
  readonly what: string;

  constructor(code: EncodeCode, what: string, message: string) {
    super(code, message);
    this.what = what;
  }
}

/** A codec object was called at a time when the call has no meaning. */
export class CodecStateError extends WireError {
  override readonly name: string = 'CodecStateError';

  constructor(message: string) {
    super('CODEC_STATE', message);
  }
}

/** The error for a broken rule; `found` describes the offending bytes. */
export function brokenRule(
  code: RuleCode,
  offset: number,
  found: string | number = '',
): ProtocolError {
  const { status, problem, source, remedy } = PROTOCOL_RULES[code];
  const detail = typeof found === 'number' ? describeByte(found) : found;
  const cause = detail === '' ? '' : `: ${detail}`;
  return new ProtocolError(
    code,
    `${problem}${cause} (byte ${offset}; ${source}). ${remedy}.`,
    offset,
    status,
  );
}

function describeByte(byte: number): string {
  const hex = `0x${byte.toString(16).padStart(2, '0')}`;
  return byte > 0x20 && byte < 0x7f
    ? `found ${hex} "${String.fromCharCode(byte)}"`
    : `found ${hex}`;
}
