import { ClosedError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';

/** For a request to a transport in this process that was closed. */
export function transportClosed({ method, url }: ClientRequest): ClosedError {
  return new ClosedError({
    code: 'CLIENT_CLOSED',
    phase: 'send',
    problem: 'Request not sent',
    reason: 'the transport was closed',
    remedy: 'Close it when the last request has been answered',
    method,
    url: url.href,
  });
}
