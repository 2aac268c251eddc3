import { REASON_PHRASES } from '@needletail/wire';
import { StatusError } from '../errors.ts';
import type { ClientResponse } from './client-response.ts';

/** For a response whose status is not 2xx. */
export function statusError(response: ClientResponse, cause?: unknown): StatusError {
  const { status, headers, request } = response;
  const reason = response.reason === '' ? (REASON_PHRASES[status] ?? '') : response.reason;
  const location = status >= 300 && status <= 399 ? headers.get('location') : null;
  return new StatusError(
    {
      problem: 'Status refused',
      reason: `the server answered ${`${status} ${reason}`.trimEnd()}${location === null ? '' : `, to ${location}`}`,
      remedy:
        location === null
          ? 'See error.response for what it says'
          : 'Set followRedirects, or ask for that URL',
      method: request.method,
      url: response.url,
      cause,
    },
    response,
  );
}
