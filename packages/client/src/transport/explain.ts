// Failures of the wire as errors of this package: what the caller asked for is in the message, the wire's own error is the
// cause.
import { EncodeError, LinkError, ProtocolError, WireError } from '@needletail/wire';
import {
  ClientError,
  ConnectError,
  ConnectTimeoutError,
  InvalidRequestError,
  LocalProtocolError,
  ReadError,
  RemoteProtocolError,
  TlsError,
  WriteError,
  type Phase,
} from '../errors.ts';

/** The request that an error is about, for its message. */
export interface Concerned {
  readonly method: string;
  readonly url: { readonly href: string };
}

/** How much of a response has come. */
export interface ResponseState {
  /** Interim responses and an unfinished head included. */
  readonly responseBytes: number;
  /** That of the final response, all of it. */
  readonly hasHead: boolean;
}

/**
 * Why no link could be opened: ConnectError, ConnectTimeoutError or TlsError; an error of this package (ProxyError) comes
 * back as it is.
 */
export function explainConnect(error: unknown, request: Concerned): ClientError {
  if (error instanceof ClientError) return error;
  const { code, reason, remedy } = partsOf(error, 'See the cause');
  const details = { code, reason, remedy, cause: error, ...placeOf(request) };
  const isTls = error instanceof LinkError && error.phase === 'tls';
  if (code === 'CONNECT_TIMEOUT') {
    const phase = isTls ? 'tls' : 'connect';
    return new ConnectTimeoutError({ ...details, phase, problem: 'Connecting took too long' });
  }
  if (isTls) {
    const known = code === 'TLS_CERT' ? { remedy: asksForOurs(error) ? SHOW : TRUST } : {};
    return new TlsError({ ...details, ...known, phase: 'tls', problem: 'Cannot agree on TLS' });
  }
  const phase = error instanceof LinkError && error.phase === 'resolve' ? 'resolve' : 'connect';
  return new ConnectError({ ...details, phase, problem: 'Cannot connect' });
}

/** Why an open link was lost while the request was being sent or answered. */
export function explainLoss(
  error: Error | null,
  request: Concerned,
  state: ResponseState & { readonly isSent: boolean },
): ClientError {
  if (error instanceof ClientError) return error;
  // TLS 1.3 lets a client send before the server has looked at its certificate: the refusal comes later.
  if (error instanceof LinkError && error.phase === 'tls') return explainConnect(error, request);
  const { code, reason, remedy } =
    error === null
      ? { code: 'CLOSED', reason: 'the connection was closed', remedy: CHECK_SERVER }
      : partsOf(error, CHECK_SERVER);
  const details = { reason, remedy, cause: error ?? undefined, ...placeOf(request) };
  if (!state.isSent && state.responseBytes === 0) {
    const problem = 'Request not sent completely';
    return new WriteError({ ...details, code: 'WRITE_FAILED', phase: 'send', problem });
  }
  return new ReadError({
    ...details,
    code: code === 'RESET' ? 'RESET' : 'CLOSED_EARLY',
    phase: state.hasHead ? 'body' : 'head',
    problem: state.responseBytes === 0 ? 'No response' : 'Response incomplete',
  });
}

/** The server closed its side before the response was complete. */
export function closedEarly(
  request: Concerned,
  { responseBytes, hasHead }: ResponseState,
  cause?: unknown,
): ReadError {
  const isUnanswered = responseBytes === 0;
  return new ReadError({
    code: 'CLOSED_EARLY',
    phase: hasHead ? 'body' : 'head',
    problem: isUnanswered ? 'No response' : 'Response incomplete',
    reason: isUnanswered
      ? 'the server closed the connection without answering'
      : `the server closed the connection after ${responseBytes} bytes of it`,
    remedy: CHECK_SERVER,
    cause,
    ...placeOf(request),
  });
}

/** What a decoder threw: the server broke a rule of HTTP or passed a limit. */
export function explainProtocol(error: unknown, request: Concerned, phase: Phase): ClientError {
  if (error instanceof ClientError) return error;
  const { code, reason, remedy } = partsOf(error, 'Report it to whoever runs the server');
  return new RemoteProtocolError({
    code,
    phase,
    problem: 'Response refused',
    reason,
    remedy,
    cause: error,
    ...placeOf(request),
  });
}

/** What the source of a request's body threw, or the callback that is told how far it is. */
export function bodySourceFailed(error: unknown, request: Concerned): ClientError {
  if (error instanceof ClientError) return error;
  return new WriteError({
    code: 'WRITE_FAILED',
    phase: 'send',
    problem: 'Request not sent completely',
    reason: `its body failed, ${error instanceof Error ? error.message : String(error)}`,
    remedy: 'See the cause, thrown by the source of the body or by onUploadProgress',
    cause: error,
    ...placeOf(request),
  });
}

/** What an encoder threw: InvalidRequestError where the caller wrote it, LocalProtocolError where we did. */
export function explainEncode(error: unknown, request: Concerned): ClientError {
  if (error instanceof ClientError) return error;
  if (!(error instanceof EncodeError)) throw error;
  const { reason, remedy } = partsOf(error, 'Correct the request');
  const details = { phase: 'send' as const, cause: error, ...placeOf(request) };
  const problem = 'Request not sent';
  switch (error.code) {
    case 'RESERVED_FIELD':
      return new InvalidRequestError({
        ...details,
        code: 'INVALID_HEADER',
        problem,
        reason: `the header ${error.what} is written by the client`,
        remedy: RESERVED_REMEDIES.get(error.what.toLowerCase()) ?? 'Leave it out',
      });
    case 'INVALID_NAME':
    case 'INVALID_VALUE':
      return new InvalidRequestError({
        ...details,
        code: 'INVALID_HEADER',
        problem,
        reason,
        remedy,
      });
    case 'INVALID_METHOD':
      return new InvalidRequestError({
        ...details,
        code: 'INVALID_OPTION',
        problem,
        reason,
        remedy,
      });
    default:
      return new LocalProtocolError({ ...details, code: error.code, problem, reason, remedy });
  }
}

const CHECK_SERVER = 'Check what the server logged, or allow retries';

const FRAMED =
  'Give the body as an option: its length is measured, and chunks are used where there is none';
const RESERVED_REMEDIES: ReadonlyMap<string, string> = new Map([
  ['content-length', FRAMED],
  ['transfer-encoding', FRAMED],
  ['expect', 'Use the option expectContinue'],
  ['connection', 'Use limits.maxKeepAlive to do without kept connections'],
  ['keep-alive', 'Use limits.keepAliveExpiry'],
  ['proxy-connection', 'Use the option proxy'],
  ['upgrade', 'Use websocket() to change the protocol'],
]);

const TRUST =
  'Correct the certificate or the host name, trust its issuer (tls.ca), or set tls.insecure in a test';

const SHOW = 'Give a certificate that the server trusts (tls.cert and tls.key)';

/** The alert certificate_required (RFC 8446 §6.2). */
function asksForOurs({ cause }: LinkError): boolean {
  const { code = '' } = (cause ?? {}) as { code?: string };
  return code.endsWith('ALERT_CERTIFICATE_REQUIRED');
}

/** The fields of an error that say which request it is about. */
export function placeOf({ method, url }: Concerned): { method: string; url: string } {
  return { method, url: url.href };
}

interface Parts {
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Takes a message of the wire, `Problem: reason (where). Remedy.`, apart again. */
function partsOf(error: unknown, fallbackRemedy: string): Parts {
  if (!(error instanceof Error)) {
    return { code: 'FAILED', reason: String(error), remedy: fallbackRemedy };
  }
  const code = codeOf(error);
  if (!(error instanceof LinkError || error instanceof WireError)) {
    return { code, reason: withoutFullStop(error.message), remedy: fallbackRemedy };
  }
  const { message } = error;
  const colon = message.indexOf(': ');
  const remedyAt = message.lastIndexOf('. ', message.length - 2);
  if (remedyAt === -1) return { code, reason: withoutFullStop(message), remedy: fallbackRemedy };
  // What a decoder says before the colon is the reason itself: which rule was broken.
  const isRule = error instanceof ProtocolError || colon === -1 || colon > remedyAt;
  return {
    code,
    reason: message.slice(isRule ? 0 : colon + 2, remedyAt),
    remedy: withoutFullStop(message.slice(remedyAt + 2)),
  };
}

function codeOf(error: Error): string {
  return error instanceof WireError || error instanceof LinkError ? error.code : 'FAILED';
}

function withoutFullStop(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}
