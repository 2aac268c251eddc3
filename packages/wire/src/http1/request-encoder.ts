import { EncodeError } from './errors.ts';
import { checkedToken, encodeFields, type FieldInput } from './field-encoder.ts';
import {
  encodeConnection,
  encodeFraming,
  framingError,
  type FramingOptions,
} from './framing-encoder.ts';
import { isHostAndPort } from './host.ts';
import { isTarget } from './request-target.ts';

/** A request head to send. Fields of framing, connection and routing are options, the rest is `headers`. */
export interface RequestHeadInput extends FramingOptions {
  readonly method: string;
  /** In the form the method asks for: `/path?query`, an absolute http(s) URL, `*`, or `host:port` for CONNECT. */
  readonly target: string;
  /** Host name and optional port. */
  readonly host: string;
  readonly headers?: FieldInput | undefined;
  /** Announces that the body waits for `100 Continue` (RFC 9110 §10.1.1). */
  readonly expectContinue?: boolean | undefined;
}

/** Visible ASCII without `#` (RFC 9112 §3.2): a space would end the target, a line break the head. */
const TARGET = /^[\x21\x22\x24-\x7e]+$/;
const ASCII = /^[\x21-\x7e]+$/;

/**
 * The head of a request as latin1, up to and including the empty line. Every part is checked here, at the moment it
 * turns into bytes; throws EncodeError. Whatever it returns, `RequestDecoder` accepts (limits apart).
 */
export function encodeRequestHead(input: RequestHeadInput): string {
  const method = checkedToken('INVALID_METHOD', 'method', input.method);
  const target = checkedTarget(method, input.target);
  const host = checkedHost(input.host);
  const hasBody = input.chunked === true || (input.contentLength ?? 0) > 0;
  if (hasBody && (method === 'CONNECT' || input.upgrade !== undefined)) {
    throw framingError('a request that asks for a tunnel has a body. Send it without');
  }
  if (input.expectContinue === true && !hasBody) {
    throw framingError('expectContinue is set and there is no body. Leave it out');
  }
  return (
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n` +
    encodeConnection(input) +
    encodeFields(input.headers ?? []) +
    (input.expectContinue === true ? 'Expect: 100-continue\r\n' : '') +
    `${encodeFraming(input)}\r\n`
  );
}

function checkedTarget(method: string, target: unknown): string {
  if (typeof target === 'string' && TARGET.test(target)) {
    const bytes = Buffer.from(target, 'latin1');
    const isForm = method === 'CONNECT' || (bytes[0] === 0x2a ? method === 'OPTIONS' : true);
    if (isForm && isTarget(bytes, 0, bytes.length, method)) return target;
  }
  throw new EncodeError(
    'INVALID_TARGET',
    'target',
    `Head not sent: ${describe(target)} is no target for ${method} (RFC 9112 §3.2). Percent-encode it.`,
  );
}

function checkedHost(host: unknown): string {
  if (typeof host === 'string' && ASCII.test(host)) {
    const bytes = Buffer.from(host, 'latin1');
    if (isHostAndPort(bytes, 0, bytes.length, false)) return host;
  }
  throw new EncodeError(
    'INVALID_VALUE',
    'host',
    `Head not sent: host ${describe(host)} is not a host and port (RFC 9110 §7.2). Give name:port.`,
  );
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : `a ${typeof value}`;
}
