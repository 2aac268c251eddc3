import type { RequestBody } from '../body/request-body.ts';
import type { AuthFlow } from '../auth/auth-flow.ts';
import type { RetryPolicy } from '../send/retry-policy.ts';
import type { ExchangeWatch } from '../transport/exchange-watch.ts';
import type { HeaderList } from './header-list.ts';
import type { RequestUrl } from './request-url.ts';
import type { Timeouts } from './timeouts.ts';

/**
 * One request with everything decided: defaults merged, URL resolved, body ready. `Client.build` makes it, layers pass it
 * on, hooks may change `headers`, and a redirect or an authentication makes a changed copy with `requestWith`.
 */
export interface ClientRequest {
  readonly method: string;
  readonly url: RequestUrl;
  /**
   * What is sent besides what the transport writes itself (Host, Content-Length, Transfer-Encoding, Connection, Upgrade,
   * Expect). Shared with other requests while `ownsHeaders` is false: change it through `ownHeaders(request)`.
   */
  headers: HeaderList;
  ownsHeaders: boolean;
  readonly body: RequestBody | null;
  readonly auth: AuthFlow | null;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal | null;
  readonly followRedirects: boolean;
  readonly maxRedirects: number;
  readonly retry: RetryPolicy | null;
  /** The reader wants the body as it comes; otherwise the transport may hand it over whole. */
  readonly isStreaming: boolean;
  /** Bytes of a body kept in memory, as received and decoded; Infinity for a streamed one. */
  readonly maxBodyBytes: number;
  readonly decompress: boolean;
  /** The body waits for `100 Continue`, a second at most (RFC 9110 §10.1.1). */
  readonly expectContinue: boolean;
  readonly onUploadProgress: ((progress: TransferProgress) => void) | null;
  /** When the call was made, on the clock of the client. */
  readonly startedAtMs: number;
  /** What measurements group it under; null leaves that to whoever measures. */
  readonly name: string | null;
  /** Hears what happens to it on the wire. Copies share it: whoever measures each try sets another before it is sent. */
  watch: ExchangeWatch | null;
}

export interface TransferProgress {
  readonly transferredBytes: number;
  /** Null where the length is not known. */
  readonly totalBytes: number | null;
}

/** The headers of this request, no longer shared with any other. */
export function ownHeaders(request: ClientRequest): HeaderList {
  if (!request.ownsHeaders) {
    request.headers = request.headers.copy();
    request.ownsHeaders = true;
  }
  return request.headers;
}

/** A copy with some parts changed and headers of its own. */
export function requestWith(
  request: ClientRequest,
  changes: Partial<ClientRequest>,
): ClientRequest {
  return {
    ...request,
    headers: request.headers.copy(),
    ownsHeaders: true,
    ...changes,
  };
}
