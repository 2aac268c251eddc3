import { matchMount } from '../transport/url-pattern.ts';
import type { Transport, TransportResponse } from '../transport/transport.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { Exchange, Send } from './layer.ts';

/** Of an answer that nothing led to. */
export const NO_HISTORY: readonly Exchange[] = [];

/** The innermost step: the transport mounted for the URL, or `transport` where there is none. */
export function route(
  mounts: Readonly<Record<string, Transport | null>> | null,
  transport: Transport,
): Send {
  if (mounts === null) return (request) => exchange(request, transport);
  return (request) => exchange(request, matchMount(mounts, request.url) ?? transport);
}

function exchange(request: ClientRequest, transport: Transport): Promise<Exchange> {
  return transport
    .send(request)
    .then((response: TransportResponse) => ({ request, response, history: NO_HISTORY }));
}
