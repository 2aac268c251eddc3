import { ServerError } from '../errors.ts';

/** A WebSocket was asked for something it cannot do; what clients do wrong they are told by a close code. */
export class WebSocketError extends ServerError {
  override readonly name = 'WebSocketError';
}
