import type { ClientRequest } from '../model/client-request.ts';
import type { TransportResponse } from '../transport/transport.ts';

/** A request and its answer on the way back through the layers. */
export interface Exchange {
  /** The request as it was sent last. */
  readonly request: ClientRequest;
  readonly response: TransportResponse;
  /** Answers that led here, oldest first: redirects, challenges. Their bodies were read or given up. */
  readonly history: readonly Exchange[];
}

export type Send = (request: ClientRequest) => Promise<Exchange>;

/** One concern between the caller and the transport. Returns what `next` returns when it has nothing to do. */
export type Layer = (request: ClientRequest, next: Send) => Promise<Exchange>;
