/** One rule of HTTP/1.1 that a peer can break. */
export interface ProtocolRule {
  /** What a server answers; 0 where only a client meets the fault. */
  readonly status: number;
  readonly problem: string;
  readonly source: string;
  readonly remedy: string;
}

/** Stable name of a rule of HTTP/1.1 that a peer broke. */
export type RuleCode =
  | 'INVALID_STATUS_LINE'
  | 'INVALID_METHOD'
  | 'INVALID_TARGET'
  | 'INVALID_VERSION'
  | 'UNSUPPORTED_VERSION'
  | 'BARE_LF'
  | 'BARE_CR'
  | 'LEADING_EMPTY_LINES'
  | 'INVALID_FIELD_NAME'
  | 'SPACE_BEFORE_COLON'
  | 'OBSOLETE_FOLDING'
  | 'INVALID_FIELD_VALUE'
  | 'INVALID_CONTENT_LENGTH'
  | 'DUPLICATE_CONTENT_LENGTH'
  | 'INVALID_TRANSFER_ENCODING'
  | 'UNSUPPORTED_TRANSFER_CODING'
  | 'CONFLICTING_FRAMING'
  | 'TRANSFER_ENCODING_IN_1_0'
  | 'BODY_NOT_ALLOWED'
  | 'MISSING_HOST'
  | 'DUPLICATE_HOST'
  | 'INVALID_HOST'
  | 'INVALID_CHUNK_SIZE'
  | 'INVALID_CHUNK_EXTENSION'
  | 'INVALID_CHUNK_END'
  | 'FORBIDDEN_TRAILER'
  | 'INCOMPLETE_HEAD'
  | 'INCOMPLETE_BODY'
  | 'UNEXPECTED_BYTES'
  | 'UNEXPECTED_SWITCH';

/** Every rule the decoders enforce, in the order in which a message meets them. */
export const PROTOCOL_RULES: Readonly<Record<RuleCode, ProtocolRule>> = {
  INVALID_STATUS_LINE: rule(
    0,
    'Not an HTTP/1 response',
    'RFC 9112 §4',
    'Check that the port speaks plain HTTP/1',
  ),
  INVALID_METHOD: rule(400, 'Invalid method', 'RFC 9112 §3.1', 'Send a token as the method'),
  INVALID_TARGET: rule(
    400,
    'Invalid request target',
    'RFC 9112 §3.2',
    'Percent-encode it and use a form the method allows',
  ),
  INVALID_VERSION: rule(400, 'Invalid protocol version', 'RFC 9112 §2.3', 'Send HTTP/1.1'),
  UNSUPPORTED_VERSION: rule(
    505,
    'Unsupported protocol version',
    'RFC 9110 §15.6.6',
    'Send HTTP/1.1',
  ),
  BARE_LF: rule(400, 'Line feed without carriage return', 'RFC 9112 §2.2', 'End lines with CRLF'),
  BARE_CR: rule(400, 'Carriage return without line feed', 'RFC 9112 §2.2', 'End lines with CRLF'),
  LEADING_EMPTY_LINES: rule(
    400,
    'More than one empty line before a request',
    'RFC 9112 §2.2',
    'Send none',
  ),
  INVALID_FIELD_NAME: rule(400, 'Invalid field name', 'RFC 9110 §5.1', 'Use token characters only'),
  SPACE_BEFORE_COLON: rule(
    400,
    'Whitespace between field name and colon',
    'RFC 9112 §5.1',
    'Remove it',
  ),
  OBSOLETE_FOLDING: rule(
    400,
    'Line that starts with whitespace',
    'RFC 9112 §5.2',
    'Send each field on one line',
  ),
  INVALID_FIELD_VALUE: rule(
    400,
    'Control character in a field value',
    'RFC 9110 §5.5',
    'Remove it',
  ),
  INVALID_CONTENT_LENGTH: rule(
    400,
    'Invalid Content-Length',
    'RFC 9110 §8.6',
    'Send 1 to 15 decimal digits',
  ),
  DUPLICATE_CONTENT_LENGTH: rule(400, 'Repeated Content-Length', 'RFC 9112 §6.3', 'Send it once'),
  INVALID_TRANSFER_ENCODING: rule(
    400,
    'Invalid Transfer-Encoding',
    'RFC 9112 §6.1',
    'Send exactly "chunked", once',
  ),
  UNSUPPORTED_TRANSFER_CODING: rule(
    501,
    'Unsupported transfer coding',
    'RFC 9112 §6.1',
    'Send exactly "chunked"',
  ),
  CONFLICTING_FRAMING: rule(
    400,
    'Both Content-Length and Transfer-Encoding',
    'RFC 9112 §6.3',
    'Send one of them',
  ),
  TRANSFER_ENCODING_IN_1_0: rule(
    400,
    'Transfer-Encoding in an HTTP/1.0 message',
    'RFC 9112 §6.1',
    'Send Content-Length',
  ),
  BODY_NOT_ALLOWED: rule(
    400,
    'Body framing where no body can be',
    'RFC 9112 §6.1',
    'Send no Content-Length or Transfer-Encoding',
  ),
  MISSING_HOST: rule(400, 'No Host field', 'RFC 9112 §3.2', 'Send exactly one'),
  DUPLICATE_HOST: rule(400, 'Repeated Host field', 'RFC 9112 §3.2', 'Send exactly one'),
  INVALID_HOST: rule(400, 'Invalid Host', 'RFC 9110 §7.2', 'Send a host name and an optional port'),
  INVALID_CHUNK_SIZE: rule(
    400,
    'Invalid chunk size',
    'RFC 9112 §7.1',
    'Send 1 to 13 hexadecimal digits',
  ),
  INVALID_CHUNK_EXTENSION: rule(
    400,
    'Invalid chunk extension',
    'RFC 9112 §7.1.1',
    'Send ;name or ;name=value without spaces',
  ),
  INVALID_CHUNK_END: rule(
    400,
    'Chunk data not followed by CRLF',
    'RFC 9112 §7.1',
    'Make the chunk size equal its data',
  ),
  FORBIDDEN_TRAILER: rule(
    400,
    'Framing or routing field in the trailers',
    'RFC 9110 §6.5.1',
    'Send it in the head',
  ),
  INCOMPLETE_HEAD: rule(
    400,
    'Connection closed inside a head',
    'RFC 9112 §8',
    'Find out why the peer closed',
  ),
  INCOMPLETE_BODY: rule(
    400,
    'Connection closed inside a body',
    'RFC 9112 §8',
    'Find out why the peer closed',
  ),
  UNEXPECTED_BYTES: rule(
    0,
    'Bytes after the last expected response',
    'RFC 9112 §6.3',
    'Drop the connection',
  ),
  UNEXPECTED_SWITCH: rule(
    0,
    'Protocol switch that was not asked for',
    'RFC 9110 §15.2.2',
    'Drop the connection',
  ),
};

function rule(status: number, problem: string, source: string, remedy: string): ProtocolRule {
  return { status, problem, source, remedy };
}
