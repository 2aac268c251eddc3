import { BodyTooLargeError, ClientGoneError, RequestRefusedError, ServerError } from '../errors.ts';
import type { ServerRequest } from './exchange.ts';

/** Whether the client brought about what a handler threw: it is not reported then. */
export function isClientsDoing(error: unknown): boolean {
  // What waits with a signal rejects with an error of its own, and names the reason as the cause of it.
  if (error instanceof Error && error.name === 'AbortError') return isClientsDoing(error.cause);
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

type Report = (error: unknown, request?: ServerRequest) => void;

/** `onError`, or printing; one that throws itself would end the process, and leave a client without an answer. */
export function reporterOf(onError: Report = printError): Report {
  return (error, request) => {
    try {
      if (request === undefined) onError(error);
      else onError(error, request);
    } catch (cause) {
      printError(cause, request);
    }
  };
}

/** What `onError` is unless set. */
function printError(error: unknown, request?: ServerRequest): void {
  if (request === undefined) console.error('Server:', error);
  else console.error(`Request handler failed (${request.method} ${request.target}):`, error);
}
