import type { FieldMap } from '@needletail/wire';
import type { ResponseBody } from '../body/response-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { NetworkConnectors } from './connectors.ts';

export type HttpVersion = '1.0' | '1.1' | '2';

/** What came back, before anything was made of it: encodings are as received. */
export interface TransportResponse {
  readonly status: number;
  /** Empty where the protocol has none. */
  readonly reason: string;
  readonly httpVersion: HttpVersion;
  readonly headers: FieldMap;
  /** True where it is known that no field is for a layer: no Set-Cookie, no Content-Encoding. */
  readonly isPlain?: boolean;
  /** A `Buffer` when it is all here. */
  readonly body: Buffer | ResponseBody;
  /** Null until the body has ended, and when there are none. */
  readonly trailers: FieldMap | null;
  /** Informational responses that came first: 103 Early Hints and the like. */
  readonly interim: readonly { readonly status: number; readonly headers: FieldMap }[];
}

/** Who gets an answer: one of the two is called, once. Neither throws. */
export interface ResponseReceiver {
  answered(response: TransportResponse): void;
  failed(error: Error): void;
}

/**
 * Whatever can answer a request: the wire, HTTP/2, a mock, a recording, an application in this process.
 *
 * Rejects with errors of this package only. Honours `timeouts` except `total` (and `exchange` where there is no wire),
 * `signal`, `maxBodyBytes` and `isStreaming`; knows nothing of redirects, cookies, authentication and content codings. Never sends a request twice,
 * except as RFC 9112 §9.3.1 allows on a connection that turned out to be closed.
 */
export interface Transport {
  send(request: ClientRequest): Promise<TransportResponse>;
  /**
   * As `send` without the promise: tells `receiver` in the very turn in which the answer is read, or before it returns.
   * Never throws. Absent where there are only promises to be had; see `sendTo`.
   */
  sendTo?(request: ClientRequest, receiver: ResponseReceiver): void;
  /** Drops idle connections at once and the others with their requests; later calls of `send` reject with ClosedError. */
  close(): Promise<void>;
  /** Live figures; absent where there is no pool. */
  readonly pool?: PoolStatus;
  /** The ways it goes, for WebSocket; absent where there is no network. */
  readonly connector?: NetworkConnectors['tunnelled'];
}

/** Connections as they are now. */
export interface PoolStatus {
  readonly open: number;
  readonly connecting: number;
  readonly active: number;
  readonly idle: number;
  /** Requests waiting for a connection. */
  readonly waiting: number;
  /** Requests sent on connections that had served one before, and connections opened, since the start. */
  readonly reused: number;
  readonly opened: number;
  readonly origins: Readonly<Record<string, OriginStatus>>;
}

export interface OriginStatus {
  readonly open: number;
  readonly active: number;
  readonly idle: number;
  readonly waiting: number;
}
