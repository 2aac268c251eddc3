import { BodyTooLargeError, ClientGoneError, RequestRefusedError, ServerError } from '../errors.ts';
import type { ServerRequest } from './exchange.ts';

/** Whether the client brought about what a handler threw: it is not reported then. */
export function isClientsDoing(error: unknown): boolean {
  return (
    error instanceof ClientGoneError ||
    error instanceof RequestRefusedError ||
    error instanceof BodyTooLargeError
  );
}

/** The status that answers what a handler threw: that of the error if it has one, else 500. */
export function statusOf(error: unknown): number {
  const status: unknown = error instanceof ServerError && 'status' in error ? error.status : 500;
  return typeof status === 'number' && status >= 400 && status <= 599 ? status : 500;
}

/** What `onError` is unless set. */
export function printError(error: unknown, request?: ServerRequest): void {
  const where = request === undefined ? '' : ` (${request.method} ${request.target})`;
  console.error(`Request handler failed${where}:`, error);
}
