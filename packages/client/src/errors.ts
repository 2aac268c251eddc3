/*
 * Error
 * └── ClientError                    everything this package throws on purpose: code, phase, method, url, remedy, cause
 *     ├── UsageError                 the call itself is wrong; nothing was sent
 *     │   ├── InvalidUrlError          INVALID_URL · UNSUPPORTED_SCHEME
 *     │   ├── InvalidRequestError      INVALID_HEADER · INVALID_BODY · INVALID_OPTION
 *     │   ├── ClosedError              CLIENT_CLOSED
 *     │   └── BodyStateError           BODY_CONSUMED · BODY_NOT_READ
 *     ├── RequestError               the exchange failed
 *     │   ├── TransportError
 *     │   │   ├── TimeoutError
 *     │   │   │   ├── PoolTimeoutError     POOL_TIMEOUT      phase pool
 *     │   │   │   ├── ConnectTimeoutError  CONNECT_TIMEOUT   phase connect, tls
 *     │   │   │   ├── WriteTimeoutError    WRITE_TIMEOUT     phase send
 *     │   │   │   ├── ReadTimeoutError     READ_TIMEOUT · EXCHANGE_TIMEOUT   phase head, body
 *     │   │   │   └── TotalTimeoutError    TOTAL_TIMEOUT     phase total
 *     │   │   ├── ConnectError         the code of the link: REFUSED · DNS_FAILED · UNREACHABLE · …   phase resolve, connect
 *     │   │   ├── TlsError             TLS_CERT · TLS_HANDSHAKE   phase tls
 *     │   │   ├── WriteError           WRITE_FAILED      phase send
 *     │   │   ├── ReadError            RESET · CLOSED_EARLY      phase head, body
 *     │   │   ├── ProxyError           PROXY_REFUSED · PROXY_UNREACHABLE · PROXY_AUTH   phase proxy
 *     │   │   ├── LocalProtocolError   the code of the encoder: we may not send that   phase send
 *     │   │   ├── RemoteProtocolError  the code of the broken rule · INVALID_REDIRECT   phase head, body, redirect
 *     │   │   └── AppError             APP_FAILED: an application in this process threw; cause   phase head, body
 *     │   ├── DecodingError            DECODING_FAILED · DECODED_TOO_LARGE · BODY_TOO_LARGE · INVALID_JSON · INVALID_TEXT · LINE_TOO_LONG   phase decode
 *     │   ├── RedirectError            TOO_MANY_REDIRECTS · INSECURE_REDIRECT · BODY_NOT_REPLAYABLE    phase redirect
 *     │   ├── AuthError                AUTH_CHALLENGE · AUTH_TOKEN · AUTH_FILE   phase auth
 *     │   ├── WebSocketError           the code of the broken rule · HANDSHAKE_REFUSED · HANDSHAKE_TIMEOUT · PONG_TIMEOUT · NOT_OPEN ·
 *     │   │                            ABNORMAL_CLOSE · SEND_QUEUE_FULL · HANDLER_FAILED; closeCode, status   phase websocket
 *     │   └── AbortedError             ABORTED; name 'AbortError', cause the reason of the signal
 *     ├── StatusError                  STATUS: raiseForStatus met a status that is not 2xx; response
 *     ├── ValidationError              INVALID_RESPONSE: a body that its schema refuses; issues
 *     ├── PaginationError              PAGE_LOOP · INVALID_PAGE   phase body
 *     ├── EventStreamError             NOT_EVENT_STREAM · EVENT_STREAM_STATUS · EVENT_STREAM_ENDED · EVENT_TOO_LARGE   phase head, body
 *     ├── DownloadError                DOWNLOAD_STATUS · SIZE_MISMATCH · INTEGRITY_MISMATCH   phase head, body
 *     │                                FILE_EXISTS · FILE_FAILED   phase file
 *     ├── CheckpointError              NOT_A_CHECKPOINT · CHECKPOINT_FAILED   phase file
 *     ├── WorkerError                  PARSE_FAILED · PARSE_TIMEOUT · WORKER_CRASHED · QUEUE_FULL · POOL_CLOSED   phase decode
 *     └── MockError                    NO_ROUTE · INVALID_ANSWER   phase send
 *                                      NO_RECORDING · NOT_A_CASSETTE · CASSETTE_FAILED   phase file
 */
import type { SchemaIssue } from './model/client-options.ts';
import type { ClientResponse } from './model/client-response.ts';

/** Where in an exchange something went wrong. */
export type Phase =
  | 'build'
  | 'pool'
  | 'proxy'
  | 'resolve'
  | 'connect'
  | 'tls'
  | 'send'
  | 'head'
  | 'body'
  | 'decode'
  | 'redirect'
  | 'auth'
  | 'total'
  | 'status'
  | 'websocket'
  | 'file';

/** What an error says besides its class; `problem`, `reason`, `where` and `remedy` make up the message. */
export interface ErrorDetails {
  readonly code: string;
  readonly phase: Phase;
  /** `Cannot connect`, `Response refused`: the first words of the message. */
  readonly problem: string;
  readonly reason: string;
  readonly remedy: string;
  readonly method?: string | undefined;
  /** Shown without user info; see `withoutCredentials`. */
  readonly url?: string | undefined;
  readonly cause?: unknown;
}

/** The message reads `Problem: reason (METHOD url). Remedy.`; the parts are fields too. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError';
  /** Stable; see the tree at the top of the file that defines this class. */
  readonly code: string;
  readonly phase: Phase;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly remedy: string;

  constructor(details: ErrorDetails) {
    const url = details.url === undefined ? undefined : withoutCredentials(details.url);
    super(messageOf(details, url), details.cause === undefined ? {} : { cause: details.cause });
    this.code = details.code;
    this.phase = details.phase;
    this.method = details.method;
    this.url = url;
    this.remedy = details.remedy;
  }
}

export class UsageError extends ClientError {
  override readonly name: string = 'UsageError';
}

export class InvalidUrlError extends UsageError {
  override readonly name = 'InvalidUrlError';
}

export class InvalidRequestError extends UsageError {
  override readonly name = 'InvalidRequestError';
}

export class ClosedError extends UsageError {
  override readonly name = 'ClosedError';
}

export class BodyStateError extends UsageError {
  override readonly name = 'BodyStateError';
}

export class RequestError extends ClientError {
  override readonly name: string = 'RequestError';
}

export class TransportError extends RequestError {
  override readonly name: string = 'TransportError';
}

export class TimeoutError extends TransportError {
  override readonly name: string = 'TimeoutError';
}

export class PoolTimeoutError extends TimeoutError {
  override readonly name = 'PoolTimeoutError';
}

export class ConnectTimeoutError extends TimeoutError {
  override readonly name = 'ConnectTimeoutError';
}

export class WriteTimeoutError extends TimeoutError {
  override readonly name = 'WriteTimeoutError';
}

export class ReadTimeoutError extends TimeoutError {
  override readonly name = 'ReadTimeoutError';
}

export class TotalTimeoutError extends TimeoutError {
  override readonly name = 'TotalTimeoutError';
}

export class ConnectError extends TransportError {
  override readonly name = 'ConnectError';
}

export class TlsError extends TransportError {
  override readonly name = 'TlsError';
}

export class WriteError extends TransportError {
  override readonly name = 'WriteError';
}

export class ReadError extends TransportError {
  override readonly name = 'ReadError';
}

export class ProxyError extends TransportError {
  override readonly name = 'ProxyError';
}

export class LocalProtocolError extends TransportError {
  override readonly name = 'LocalProtocolError';
}

export class RemoteProtocolError extends TransportError {
  override readonly name = 'RemoteProtocolError';
}

/** What an application in this process threw is the cause. */
export class AppError extends TransportError {
  override readonly name = 'AppError';
}

export class DecodingError extends RequestError {
  override readonly name = 'DecodingError';
}

export class RedirectError extends RequestError {
  override readonly name = 'RedirectError';
}

export class AuthError extends RequestError {
  override readonly name = 'AuthError';
}

/** What an error of a WebSocket says besides. */
export interface WebSocketDetails {
  readonly closeCode?: number | undefined;
  readonly status?: number | undefined;
  readonly bodyExcerpt?: string | undefined;
}

/** The handshake was refused, or the connection broke: there was no orderly close. */
export class WebSocketError extends RequestError {
  override readonly name = 'WebSocketError';
  /** What the connection was, or would have been, closed with (RFC 6455 §7.4.1); 1006 without a close frame. */
  readonly closeCode: number | undefined;
  /** Of the response that refused the handshake, with the first bytes of its body. */
  readonly status: number | undefined;
  readonly bodyExcerpt: string | undefined;

  constructor(
    details: Omit<ErrorDetails, 'phase' | 'problem'> & { readonly problem?: string },
    more: WebSocketDetails = {},
  ) {
    super({ problem: 'WebSocket failed', ...details, phase: 'websocket' });
    this.closeCode = more.closeCode;
    this.status = more.status;
    this.bodyExcerpt = more.bodyExcerpt;
  }
}

/** Named as the platform names it, so that `error.name === 'AbortError'` holds. */
export class AbortedError extends RequestError {
  override readonly name = 'AbortError';

  static of(signal: AbortSignal, method?: string, url?: string): AbortedError {
    return new AbortedError({
      code: 'ABORTED',
      phase: 'total',
      problem: 'Request aborted',
      reason: 'its signal was aborted',
      remedy: 'See the cause for the reason that the signal was given',
      method,
      url,
      cause: signal.reason,
    });
  }
}

/** What was answered is in `response`, body and all. */
export class StatusError extends ClientError {
  override readonly name = 'StatusError';
  readonly response: ClientResponse;
  readonly status: number;

  constructor(details: Omit<ErrorDetails, 'code' | 'phase'>, response: ClientResponse) {
    super({ ...details, code: 'STATUS', phase: 'status' });
    this.response = response;
    this.status = response.status;
  }
}

/** The body could be read and is not what the schema wants: the first issues are in the message, all of them in `issues`. */
export class ValidationError extends ClientError {
  override readonly name = 'ValidationError';
  readonly issues: readonly SchemaIssue[];

  constructor(details: Omit<ErrorDetails, 'code' | 'phase'>, issues: readonly SchemaIssue[]) {
    super({ ...details, code: 'INVALID_RESPONSE', phase: 'decode' });
    this.issues = issues;
  }
}

export class PaginationError extends ClientError {
  override readonly name = 'PaginationError';
}

export class EventStreamError extends ClientError {
  override readonly name = 'EventStreamError';
}

export class DownloadError extends ClientError {
  override readonly name = 'DownloadError';
}

export class CheckpointError extends ClientError {
  override readonly name = 'CheckpointError';
}

export class WorkerError extends ClientError {
  override readonly name = 'WorkerError';
}

/** A mock or a recording has no answer for a request, or not the one that was meant. */
export class MockError extends ClientError {
  override readonly name = 'MockError';
}

/** `url` with the user info, in which passwords travel, left out. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}

function messageOf(details: ErrorDetails, url: string | undefined): string {
  const where = [details.method, url].filter((part) => part !== undefined).join(' ');
  const place = where === '' ? '' : ` (${printable(where)})`;
  return `${details.problem}: ${details.reason}${place}. ${details.remedy}.`;
}

/** Control characters spelt out, so that what somebody sent makes no lines of its own in a log. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
