import { classifySocketError } from '@needletail/wire';
import { ClientError, ReadError, RemoteProtocolError } from '../errors.ts';
import { explainLoss, type Concerned } from './explain.ts';

/** Where a stream was when it broke. */
export interface StreamState {
  /** The code of RST_STREAM or GOAWAY; 0 where there was none. */
  readonly code: number;
  readonly responseBytes: number;
  readonly isSent: boolean;
}

/** By their numbers (RFC 9113 §7). */
const NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

/** Those that say this side, or the other, broke a rule. */
const RULES: ReadonlySet<string> = new Set([
  'PROTOCOL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'COMPRESSION_ERROR',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]);

/** Why an exchange over HTTP/2 came to nothing. */
export function explainStream(
  error: Error | null,
  request: Concerned,
  state: StreamState,
): ClientError {
  if (error instanceof ClientError) return error;
  const { code, responseBytes, isSent } = state;
  const name = NAMES[code] ?? `code ${code}`;
  const place = { method: request.method, url: request.url.href, cause: error ?? undefined };
  const phase = responseBytes === 0 ? 'head' : 'body';
  const problem = responseBytes === 0 ? 'No response' : 'Response incomplete';
  if (RULES.has(name) || isProtocolFailure(error)) {
    return new RemoteProtocolError({
      ...place,
      code: RULES.has(name) ? `HTTP2_${name}` : 'HTTP2_PROTOCOL_ERROR',
      phase,
      problem,
      reason: `a rule of HTTP/2 was broken${RULES.has(name) ? `, ${name}` : ''}`,
      remedy: 'Check what the server logged, or leave http2 out',
    });
  }
  if (code !== 0) {
    return new ReadError({
      ...place,
      code: 'RESET',
      phase,
      problem,
      reason: `the server reset the stream with ${name}`,
      remedy: 'Check what the server logged, or allow retries',
    });
  }
  const loss = error === null ? null : classifySocketError(error, 'read', request.url.href);
  return explainLoss(loss, request, { isSent, responseBytes, hasHead: responseBytes > 0 });
}

/** The server chose another protocol than HTTP/2 in the TLS handshake. */
export function notNegotiated(request: Concerned, chosen: string): RemoteProtocolError {
  return new RemoteProtocolError({
    code: HTTP2_NOT_NEGOTIATED,
    phase: 'tls',
    problem: 'No HTTP/2',
    reason: `the server chose ${chosen === '' ? 'no protocol' : chosen}`,
    remedy: "Use http2: true, which takes what the server offers, in place of 'prior-knowledge'",
    method: request.method,
    url: request.url.href,
  });
}

export const HTTP2_NOT_NEGOTIATED = 'HTTP2_NOT_NEGOTIATED';
export const HTTP_1_1_REQUIRED = 'HTTP2_HTTP_1_1_REQUIRED';

/** nghttp2 and Node refuse what the peer sent before any code is exchanged. */
function isProtocolFailure(error: Error | null): boolean {
  const { code } = (error ?? {}) as { code?: string };
  return code === 'ERR_HTTP2_ERROR' || code === 'ERR_HTTP2_SESSION_ERROR';
}
