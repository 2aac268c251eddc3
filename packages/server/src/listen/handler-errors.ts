import { BodyTooLargeError, ClientGoneError, RequestRefusedError } from '../errors.ts';
import type { ServerRequest } from './exchange.ts';

/** Whether the client brought about what a handler threw: it is not reported then. */
export function isClientsDoing(error: unknown): boolean {
  return (
    error instanceof ClientGoneError ||
    error instanceof RequestRefusedError ||
    error instanceof BodyTooLargeError
  );
}

/** The status that answers what a handler threw. */
export function statusOf(error: unknown): number {
  return error instanceof BodyTooLargeError ? error.status : 500;
}

/** What `onError` is unless set. */
export function printError(error: unknown, request?: ServerRequest): void {
  const where = request === undefined ? '' : ` (${request.method} ${request.target})`;
  console.error(`Request handler failed${where}:`, error);
}
