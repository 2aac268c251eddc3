import { randomBytes } from 'node:crypto';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { parseAuthParams } from './auth-challenge.ts';
import type { AuthFlow } from './auth-flow.ts';
import { chooseDigest } from './digest-challenge.ts';
import { DigestSession } from './digest-session.ts';

/** Origins remembered. */
const MOST_ORIGINS = 256;

/** Makes the client's nonces. */
export type NonceSource = () => string;

/**
 * A password that is proven and never sent (RFC 7616; RFC 2069 where the server offers no qop): MD5, SHA, SHA-256,
 * SHA-512-256 and SHA-512, each also as a session, the strongest first; qop auth, and auth-int where the body is whole.
 *
 * The first request to an origin is answered with a challenge and sent again, so its body must be replayable. Later ones
 * carry an answer to the last challenge at once. A 401 to a fresh answer stands: the credentials are wrong.
 */
export function digest(
  username: string,
  password: string,
  nonceSource: NonceSource = randomNonce,
): AuthFlow {
  const sessions = new Map<string, DigestSession>();
  return {
    *flow(request) {
      const { origin } = request.url;
      let session = sessions.get(origin);
      for (let answered = 0; ; answered += 1) {
        const response: TransportResponse = yield authorized(request, session);
        if (response.status !== 401) {
          if (session !== undefined) followNonce(response, session);
          return;
        }
        const challenge = chooseDigest(response.headers.getAll('www-authenticate'), request);
        if (challenge === null) return;
        // A nonce that grew stale meanwhile is exchanged once: a server may call every nonce stale.
        if (answered > 1 || (answered === 1 && !challenge.isStale)) {
          sessions.delete(origin);
          return;
        }
        session = new DigestSession(challenge, username, password, nonceSource());
        remember(sessions, origin, session);
      }
    },
  };
}

/** A copy for each try, so that the history shows what each one said. */
function authorized(request: ClientRequest, session: DigestSession | undefined): ClientRequest {
  if (session === undefined || !session.canCover(request)) return request;
  const copy = requestWith(request, {});
  copy.headers.set('Authorization', session.authorize(request));
  return copy;
}

function followNonce({ headers }: TransportResponse, session: DigestSession): void {
  const info = headers.get('authentication-info');
  const nonce = info === null ? undefined : parseAuthParams(info).get('nextnonce');
  if (nonce !== undefined && nonce !== '') session.continueWith(nonce);
}

function remember(
  sessions: Map<string, DigestSession>,
  origin: string,
  session: DigestSession,
): void {
  sessions.delete(origin);
  if (sessions.size >= MOST_ORIGINS) sessions.delete(sessions.keys().next().value!);
  sessions.set(origin, session);
}

function randomNonce(): string {
  return randomBytes(16).toString('base64url');
}
