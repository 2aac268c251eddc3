import { AuthError, InvalidRequestError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { AuthFlow } from './auth-flow.ts';

/** Called for each request, so keep the token where it is made; see `oauth2` for one that does. */
export type TokenSource = () => string | Promise<string>;

/** RFC 6750 §2.1, and what else servers hand out: visible ASCII. */
const TOKEN = /^[\x21-\x7e]+$/;

/** A bearer token (RFC 6750) with each request: whoever has it may use it, so over TLS. */
export function bearer(token: string | TokenSource): AuthFlow {
  if (typeof token === 'string') return fixedToken(token);
  return {
    async *flow(request) {
      yield withToken(request, await tokenFrom(token, request));
    },
  };
}

/** `request` with the token in its Authorization. */
export function withToken(request: ClientRequest, token: string): ClientRequest {
  request.headers.set('Authorization', `Bearer ${token}`);
  return request;
}

/** Whether `token` can be a field value. */
export function isToken(token: unknown): token is string {
  return typeof token === 'string' && TOKEN.test(token);
}

function fixedToken(token: string): AuthFlow {
  if (!isToken(token)) {
    throw new InvalidRequestError({
      code: 'INVALID_OPTION',
      phase: 'auth',
      problem: 'Credentials cannot be sent',
      reason: 'the bearer token is empty, or holds whitespace or what is not ASCII (RFC 6750 §2.1)',
      remedy: 'Look for a line end at the end of a secret that was read from a file',
    });
  }
  return {
    *flow(request) {
      yield withToken(request, token);
    },
  };
}

async function tokenFrom(source: TokenSource, { method, url }: ClientRequest): Promise<string> {
  let cause: unknown;
  try {
    const token: unknown = await source();
    if (isToken(token)) return token;
  } catch (error) {
    cause = error;
  }
  throw new AuthError({
    code: 'AUTH_TOKEN',
    phase: 'auth',
    problem: 'Request not authenticated',
    reason:
      cause === undefined
        ? 'the function for the token gave none that can be sent'
        : 'the function for the token failed',
    remedy: cause === undefined ? 'Return a string without whitespace from it' : 'See the cause',
    method,
    url: url.href,
    cause,
  });
}
