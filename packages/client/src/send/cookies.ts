import { joinCookieHeaders } from '../model/cookie-header.ts';
import { ownHeaders, type ClientRequest } from '../model/client-request.ts';
import type { CookieStore } from './cookie-store.ts';
import type { Exchange, Layer } from './layer.ts';

/**
 * Sends what the store holds for the URL, and keeps what the answer sets. A cookie that the request was given goes
 * before one of the same name in the store.
 */
export function cookiesLayer(store: CookieStore): Layer {
  return (request, next) =>
    next(withCookies(request, store)).then((exchange) => keepCookies(exchange, store));
}

/** The request itself where the store holds nothing for it. */
export function withCookies(request: ClientRequest, store: CookieStore): ClientRequest {
  if (store.isEmpty) return request;
  const stored = store.headerFor(request.url.href);
  if (stored === '') return request;
  // A copy: the next hop, or the next try, starts from what the request was given.
  const copy = { ...request, headers: request.headers.copy(), ownsHeaders: true };
  const given = copy.headers.getAll('cookie').join('; ');
  ownHeaders(copy).set('Cookie', joinCookieHeaders(given, stored));
  return copy;
}

export function keepCookies(exchange: Exchange, store: CookieStore): Exchange | Promise<Exchange> {
  const { headers } = exchange.response;
  if (!headers.has('set-cookie')) return exchange;
  const kept = store.receive(headers.getAll('set-cookie'), exchange.request.url.href);
  return kept === null ? exchange : kept.then(() => exchange);
}
