import { readBody } from '../body/read-body.ts';
import { responseWithBody } from '../transport/response-with-body.ts';
import type { Exchange, Layer } from './layer.ts';

/** Reads what a transport hands over in pieces, unless the caller wants it so. */
export const bufferLayer: Layer = (request, next) =>
  request.isStreaming ? next(request) : next(request).then(buffered);

/** The exchange itself where its body is whole. Rejects DecodingError for one that is too large, and as the body fails. */
export function buffered(exchange: Exchange): Exchange | Promise<Exchange> {
  const { request, response } = exchange;
  if (Buffer.isBuffer(response.body) && response.body.length <= request.maxBodyBytes)
    return exchange;
  return readBody(response.body, request.maxBodyBytes, request).then((body) => ({
    ...exchange,
    response: responseWithBody(response, body),
  }));
}
