import { channel } from 'node:diagnostics_channel';
import type { Exchange, Layer } from './layer.ts';

const onRequest = channel('needletail:client:request');
const onResponse = channel('needletail:client:response');
const onError = channel('needletail:client:error');

/** Whether anybody has subscribed. */
export function isObserved(): boolean {
  return onRequest.hasSubscribers || onResponse.hasSubscribers || onError.hasSubscribers;
}

/**
 * Publishes each exchange on the wire for whoever subscribed through node:diagnostics_channel; costs three comparisons
 * while nobody has.
 *
 *   needletail:client:request    { request }               before it is sent
 *   needletail:client:response   { request, response }     when the head is here
 *   needletail:client:error      { request, error }
 */
export const diagnosticsLayer: Layer = (request, next) => {
  if (!isObserved()) return next(request);
  if (onRequest.hasSubscribers) onRequest.publish({ request });
  return next(request).then(
    (exchange: Exchange) => {
      const { response } = exchange;
      if (onResponse.hasSubscribers) onResponse.publish({ request, response });
      return exchange;
    },
    (error: unknown) => {
      if (onError.hasSubscribers) onError.publish({ request, error });
      throw error;
    },
  );
};
