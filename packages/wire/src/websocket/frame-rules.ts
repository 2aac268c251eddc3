import { CLOSE_INVALID_DATA, CLOSE_PROTOCOL_ERROR, CLOSE_TOO_BIG } from './close-codes.ts';

/** One rule of WebSocket that a peer can break. */
export interface FrameRule {
  /** What the connection is closed with. */
  readonly closeCode: number;
  readonly problem: string;
  readonly source: string;
  readonly remedy: string;
}

/** Stable name of a rule of WebSocket that a peer broke. */
export type FrameRuleCode =
  | 'RESERVED_BITS'
  | 'RESERVED_OPCODE'
  | 'FRAGMENTED_CONTROL'
  | 'UNEXPECTED_CONTINUATION'
  | 'MISSING_CONTINUATION'
  | 'UNMASKED_FRAME'
  | 'MASKED_FRAME'
  | 'CONTROL_TOO_LONG'
  | 'LENGTH_NOT_MINIMAL'
  | 'LENGTH_TOO_LARGE'
  | 'INVALID_UTF8'
  | 'INVALID_COMPRESSION'
  | 'INVALID_CLOSE_PAYLOAD'
  | 'INVALID_CLOSE_CODE';

/** Every rule the decoder enforces, in the order in which a frame meets them. */
export const FRAME_RULES: Readonly<Record<FrameRuleCode, FrameRule>> = {
  RESERVED_BITS: rule(
    CLOSE_PROTOCOL_ERROR,
    'Reserved bit set',
    'RFC 6455 §5.2',
    'Use only the extensions that were negotiated, and mark only the first frame of a message',
  ),
  RESERVED_OPCODE: rule(
    CLOSE_PROTOCOL_ERROR,
    'Reserved opcode',
    'RFC 6455 §5.2',
    'Send opcodes 0, 1, 2, 8, 9 and 10',
  ),
  FRAGMENTED_CONTROL: rule(
    CLOSE_PROTOCOL_ERROR,
    'Fragmented control frame',
    'RFC 6455 §5.5',
    'Send control frames in one piece',
  ),
  UNEXPECTED_CONTINUATION: rule(
    CLOSE_PROTOCOL_ERROR,
    'Continuation without a message',
    'RFC 6455 §5.4',
    'Begin a message with a text or binary frame',
  ),
  MISSING_CONTINUATION: rule(
    CLOSE_PROTOCOL_ERROR,
    'New message inside a message',
    'RFC 6455 §5.4',
    'End a fragmented message before the next one',
  ),
  UNMASKED_FRAME: rule(
    CLOSE_PROTOCOL_ERROR,
    'Frame of a client without a mask',
    'RFC 6455 §5.1',
    'Mask every frame',
  ),
  MASKED_FRAME: rule(
    CLOSE_PROTOCOL_ERROR,
    'Frame of a server with a mask',
    'RFC 6455 §5.1',
    'Send frames unmasked',
  ),
  CONTROL_TOO_LONG: rule(
    CLOSE_PROTOCOL_ERROR,
    'Control frame over 125 bytes',
    'RFC 6455 §5.5',
    'Send less in it',
  ),
  LENGTH_NOT_MINIMAL: rule(
    CLOSE_PROTOCOL_ERROR,
    'Length in more bytes than it needs',
    'RFC 6455 §5.2',
    'Use the shortest form',
  ),
  LENGTH_TOO_LARGE: rule(
    CLOSE_TOO_BIG,
    'Length of 2^53 bytes or more',
    'RFC 6455 §5.2',
    'Send the message in fragments',
  ),
  INVALID_UTF8: rule(
    CLOSE_INVALID_DATA,
    'Text is not UTF-8',
    'RFC 6455 §8.1',
    'Encode text as UTF-8, or send it as binary',
  ),
  INVALID_COMPRESSION: rule(
    CLOSE_INVALID_DATA,
    'Message cannot be inflated',
    'RFC 7692 §7.2.2',
    'Send what a raw deflate stream gives, less its last four bytes',
  ),
  INVALID_CLOSE_PAYLOAD: rule(
    CLOSE_PROTOCOL_ERROR,
    'Close frame of one byte',
    'RFC 6455 §5.5.1',
    'Send a code of two bytes, or nothing',
  ),
  INVALID_CLOSE_CODE: rule(
    CLOSE_PROTOCOL_ERROR,
    'Close code not for the wire',
    'RFC 6455 §7.4',
    'Send 1000, another registered code, or one from 3000 to 4999',
  ),
};

function rule(closeCode: number, problem: string, source: string, remedy: string): FrameRule {
  return { closeCode, problem, source, remedy };
}
