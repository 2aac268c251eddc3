import { EncodeError } from './errors.ts';
import { checkedToken } from './field-encoder.ts';

/** How the body is delimited and what becomes of the connection; the encoder writes the fields for it. */
export interface FramingOptions {
  /** Bytes of the body that will be written (0 is written too), or undefined. */
  readonly contentLength?: number | undefined;
  /** The body is written in chunks. */
  readonly chunked?: boolean | undefined;
  readonly connection?: 'close' | 'keep-alive' | undefined;
  /** Protocol to switch to: writes Upgrade and lists it in Connection. */
  readonly upgrade?: string | undefined;
}

/** Content-Length or Transfer-Encoding, never both (RFC 9112 §6.2). */
export function encodeFraming({ contentLength, chunked = false }: FramingOptions): string {
  if (contentLength === undefined) return chunked ? 'Transfer-Encoding: chunked\r\n' : '';
  if (chunked) {
    throw framingError('contentLength and chunked are both given. Give one of them');
  }
  if (!Number.isSafeInteger(contentLength) || contentLength < 0 || contentLength >= 1e15) {
    throw new EncodeError(
      'INVALID_LENGTH',
      'contentLength',
      `Head not sent: contentLength is ${contentLength}. Give a whole number of bytes below 10^15.`,
    );
  }
  return `Content-Length: ${contentLength}\r\n`;
}

/** Connection, and Upgrade where it is asked for (RFC 9110 §7.6.1, §7.8). */
export function encodeConnection({ connection, upgrade }: FramingOptions): string {
  if (upgrade === undefined) {
    return connection === undefined ? '' : `Connection: ${checkedConnection(connection)}\r\n`;
  }
  if (connection === 'close') {
    throw framingError('a connection cannot close and be upgraded. Give one of them');
  }
  // protocol = protocol-name [ "/" protocol-version ], both tokens (RFC 9110 §7.8).
  const protocol = `${upgrade}`;
  const slash = protocol.indexOf('/');
  checkedToken('INVALID_VALUE', 'upgrade', slash === -1 ? protocol : protocol.slice(0, slash));
  if (slash !== -1) checkedToken('INVALID_VALUE', 'upgrade', protocol.slice(slash + 1));
  return `Connection: upgrade\r\nUpgrade: ${protocol}\r\n`;
}

/** The error for a head that would contradict its body. */
export function framingError(cause: string): EncodeError {
  return new EncodeError('INVALID_FRAMING', 'framing', `Head not sent: ${cause}.`);
}

function checkedConnection(connection: string): string {
  if (connection === 'close' || connection === 'keep-alive') return connection;
  throw framingError(`connection is ${JSON.stringify(connection)}. Give close or keep-alive`);
}
