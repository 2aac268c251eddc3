import { requestWith } from '../model/client-request.ts';
import type { Hooks } from '../model/client-options.ts';
import { setAside } from './set-aside.ts';
import type { Layer } from './layer.ts';

/** Calls the hooks around each exchange on the wire. What the request hook changes does not reach the next try or hop. */
export function hooksLayer({ request: onRequest, response: onResponse }: Hooks): Layer {
  return async (request, next) => {
    let sent = request;
    if (onRequest !== undefined) {
      sent = requestWith(request, {});
      await onRequest(sent);
    }
    const exchange = await next(sent);
    if (onResponse === undefined) return exchange;
    try {
      await onResponse(exchange.response, sent);
    } catch (error) {
      setAside(exchange);
      throw error;
    }
    return exchange;
  };
}
