import type { ClientRequest } from '../model/client-request.ts';
import type { TransportResponse } from '../transport/transport.ts';

/**
 * A way to authenticate, as a conversation: it is given a request it may change (its headers are its own), yields what to
 * send, gets each answer back, and yields again or returns when satisfied. Synchronous or asynchronous.
 */
export interface AuthFlow {
  /** The flow needs the request's body whole (for a signature); a streamed one is refused then. */
  readonly needsBody?: boolean;
  flow(request: ClientRequest): AuthConversation;
}

export type AuthConversation =
  | Generator<ClientRequest, void, TransportResponse>
  | AsyncGenerator<ClientRequest, void, TransportResponse>;

/** What a flow of one's own may ask for. */
export interface AuthFlowOptions {
  readonly needsBody?: boolean;
}

/** A flow of your own from a generator function: `authFlow(function* (request) { …; yield request; })`. */
export function authFlow(
  flow: (request: ClientRequest) => AuthConversation,
  options: AuthFlowOptions = {},
): AuthFlow {
  return { needsBody: options.needsBody ?? false, flow };
}
