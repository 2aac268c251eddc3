import { EncodeError } from './errors.ts';
import { checkedValue, encodeFields, type FieldInput } from './field-encoder.ts';
import {
  encodeConnection,
  encodeFraming,
  framingError,
  type FramingOptions,
} from './framing-encoder.ts';
import { REASON_PHRASES } from './reason-phrases.ts';

/** What the response answers, as far as it decides about framing. */
export interface AnsweredRequest {
  readonly method: string;
  readonly minorVersion: 0 | 1;
}

/** A response head to send. Fields of framing and connection are options, the rest is `headers`. */
export interface ResponseHeadInput extends FramingOptions {
  /** 100 to 599. */
  readonly status: number;
  /** Defaults to the registered phrase. */
  readonly reason?: string | undefined;
  readonly headers?: FieldInput | undefined;
  /** Value of the Date field, see `HttpDate`; none is written without. */
  readonly date?: string | undefined;
  /** Defaults to a GET of HTTP/1.1. */
  readonly request?: AnsweredRequest | undefined;
}

/** The answer to `Expect: 100-continue` when the body is wanted; never for an HTTP/1.0 client (RFC 9110 §15.2). */
export const CONTINUE_HEAD = 'HTTP/1.1 100 Continue\r\n\r\n';

const PLAIN_REQUEST: AnsweredRequest = { method: 'GET', minorVersion: 1 };

/** Status line by status, filled on first use. */
const statusLines = new Map<number, string>();

/**
 * The head of a response as latin1, up to and including the empty line. Every part is checked here, at the moment it
 * turns into bytes, and the framing must fit the status, the method and the version asked with; throws EncodeError.
 */
export function encodeResponseHead(input: ResponseHeadInput): string {
  checkFraming(input);
  return (
    statusLine(input.status, input.reason) +
    (input.date === undefined ? '' : `Date: ${checkedValue('date', input.date)}\r\n`) +
    encodeConnection(input) +
    encodeFields(input.headers ?? []) +
    `${encodeFraming(input)}\r\n`
  );
}

/**
 * Whether a response has a body at all: not to HEAD, not with 1xx, 204, 304, and not a 2xx to CONNECT
 * (RFC 9112 §6.3).
 */
export function hasResponseBody(status: number, method: string): boolean {
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return false;
  return method !== 'CONNECT' || status >= 300;
}

function checkFraming(input: ResponseHeadInput): void {
  const { status, chunked = false, contentLength, connection, upgrade } = input;
  const { method, minorVersion } = input.request ?? PLAIN_REQUEST;
  const isFramed = chunked || contentLength !== undefined;
  if (status < 200 && minorVersion === 0) {
    throw framingError('HTTP/1.0 knows no interim responses (RFC 9110 §15.2). Send the final one');
  }
  if (upgrade !== undefined && status !== 101 && status !== 426) {
    throw framingError(`upgrade goes with 101 or 426, not with ${status}. Leave it out`);
  }
  const isTunnel = method === 'CONNECT' && status >= 200 && status < 300;
  if ((status < 200 || status === 204 || isTunnel) && isFramed) {
    throw framingError(
      `a ${status} to ${method} has no body framing (RFC 9112 §6.1). Leave it out`,
    );
  }
  if (status === 205 && (chunked || contentLength !== 0)) {
    throw framingError('a 205 has no content (RFC 9110 §15.3.6). Give contentLength 0');
  }
  if (chunked && minorVersion === 0) {
    throw framingError('an HTTP/1.0 client cannot read chunks. Give contentLength, or close');
  }
  if (hasResponseBody(status, method) && !isFramed && connection !== 'close') {
    throw framingError('the end of the body is not marked. Give contentLength, chunked or close');
  }
}

function statusLine(status: number, reason: string | undefined): string {
  if (!Number.isInteger(status) || status < 100 || status > 599) {
    throw new EncodeError(
      'INVALID_STATUS',
      'status',
      `Head not sent: status is ${status} (RFC 9110 §15). Give a whole number from 100 to 599.`,
    );
  }
  if (reason !== undefined) return `HTTP/1.1 ${status} ${checkedValue('reason', reason)}\r\n`;
  const known = statusLines.get(status);
  if (known !== undefined) return known;
  const line = `HTTP/1.1 ${status} ${REASON_PHRASES[status] ?? ''}\r\n`;
  statusLines.set(status, line);
  return line;
}
