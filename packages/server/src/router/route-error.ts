import { ServerError } from '../errors.ts';

/**
 * A route that was refused at registration; nothing of it was kept, and the router can still be used.
 *
 *     ServerError
 *     └── RouteError     INVALID_METHOD · INVALID_PATTERN · UNSAFE_CONSTRAINT
 *                        DUPLICATE_ROUTE · CONFLICTING_NAMES · INVALID_ROUTE; where both were registered is in the message
 */
export class RouteError extends ServerError {
  override readonly name = 'RouteError';
}

/** Why a pattern was refused, before it is known which route it belongs to. */
export interface PatternFault {
  readonly code: 'INVALID_PATTERN' | 'UNSAFE_CONSTRAINT';
  readonly reason: string;
  readonly remedy: string;
}
