import { responseWithBody } from '../transport/response-with-body.ts';
import type { Exchange } from './layer.ts';

const NOTHING = Buffer.alloc(0);

/** An answer that led to another request: its body, where it is still arriving, is given up. */
export function setAside(exchange: Exchange): Exchange {
  const { response } = exchange;
  if (Buffer.isBuffer(response.body)) return exchange;
  response.body.cancel();
  return { ...exchange, response: responseWithBody(response, NOTHING) };
}
