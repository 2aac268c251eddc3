import { InvalidRequestError } from '../errors.ts';
import type { AuthFlow } from './auth-flow.ts';

/**
 * User name and password with each request, as UTF-8 in Base64 (RFC 7617): readable to all on the way, so over TLS.
 * Throws InvalidRequestError for what the scheme has no room for.
 */
export function basic(username: string, password: string): AuthFlow {
  const value = basicCredentials(username, password);
  return {
    *flow(request) {
      request.headers.set('Authorization', value);
      yield request;
    },
  };
}

/** What Authorization says. */
export function basicCredentials(username: string, password: string): string {
  if (username.includes(':')) {
    throw unusable(
      'the user name holds a colon, which ends it',
      'Use another scheme for that user',
    );
  }
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(username + password)) {
    throw unusable(
      'the user name or password holds a control character',
      'Look for a line end at the end of a secret that was read from a file',
    );
  }
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function unusable(reason: string, remedy: string): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'auth',
    problem: 'Credentials cannot be sent',
    reason: `${reason} (RFC 7617 §2)`,
    remedy,
  });
}
