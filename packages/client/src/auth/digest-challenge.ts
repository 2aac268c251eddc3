import { AuthError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { parseChallenges, type AuthChallenge } from './auth-challenge.ts';

/** Names of node:crypto for the hashes of the registry (RFC 7616 §6.1), weakest first; SHA is not in it, but in use. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA', 'sha1'],
  ['SHA-256', 'sha256'],
  ['SHA-512-256', 'sha512-256'],
  ['SHA-512', 'sha512'],
]);
const STRENGTH = [...HASHES.values()];

/** A Digest challenge that can be answered. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  /** As the server wrote it, to be repeated; null where it named none, which means MD5. */
  readonly algorithm: string | null;
  /** The hash, as node:crypto calls it. */
  readonly hash: string;
  readonly isSession: boolean;
  /** None for servers of RFC 2069. */
  readonly qop: 'auth' | 'auth-int' | null;
  /** The nonce was too old, the credentials were not wrong. */
  readonly isStale: boolean;
  readonly wantsUserHash: boolean;
}

/**
 * The strongest Digest challenge in values of WWW-Authenticate (RFC 7616 §3.7), or null where there is none. Throws
 * AuthError when there are some and none can be answered.
 */
export function chooseDigest(
  values: readonly string[],
  request: ClientRequest,
): DigestChallenge | null {
  let best: DigestChallenge | null = null;
  let problem: string | null = null;
  for (const challenge of parseChallenges(values)) {
    if (challenge.scheme !== 'digest') continue;
    const read = readChallenge(challenge, request);
    if (typeof read === 'string') problem ??= read;
    else if (best === null || STRENGTH.indexOf(read.hash) > STRENGTH.indexOf(best.hash))
      best = read;
  }
  if (best === null && problem !== null) throw unanswerable(problem, request);
  return best;
}

/** What is wrong with it, where it cannot be answered. */
function readChallenge(
  { params }: AuthChallenge,
  request: ClientRequest,
): DigestChallenge | string {
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  if (realm === undefined) return 'its Digest challenge names no realm';
  if (nonce === undefined || nonce === '') return 'its Digest challenge has no nonce';
  const algorithm = params.get('algorithm') ?? null;
  const [, name = '', session] = /^(.*?)(-sess)?$/i.exec(algorithm ?? 'MD5')!;
  const hash = HASHES.get(name.toUpperCase());
  if (hash === undefined)
    return `its Digest challenge wants the algorithm ${JSON.stringify(algorithm)}`;
  const qop = chooseQop(params.get('qop'), request);
  if (qop === undefined)
    return `its Digest challenge wants the protection ${JSON.stringify(params.get('qop'))}`;
  return {
    realm,
    nonce,
    opaque: params.get('opaque') ?? null,
    algorithm,
    hash,
    isSession: session !== undefined,
    qop,
    isStale: params.get('stale')?.toLowerCase() === 'true',
    wantsUserHash: params.get('userhash')?.toLowerCase() === 'true',
  };
}

/** Undefined where nothing that the server offers is possible: auth-int needs the whole body. */
function chooseQop(
  offered: string | undefined,
  { body }: ClientRequest,
): DigestChallenge['qop'] | undefined {
  if (offered === undefined || offered.trim() === '') return null;
  const offers = offered.split(',').map((offer) => offer.trim().toLowerCase());
  if (offers.includes('auth')) return 'auth';
  const isWhole = body === null || body.whole !== null;
  return offers.includes('auth-int') && isWhole ? 'auth-int' : undefined;
}

function unanswerable(reason: string, { method, url }: ClientRequest): AuthError {
  return new AuthError({
    code: 'AUTH_CHALLENGE',
    phase: 'auth',
    problem: 'Request not authenticated',
    reason: `the server asks for what cannot be answered: ${reason}`,
    remedy: 'Give the body as a string or bytes if auth-int is asked for; else use another scheme',
    method,
    url: url.href,
  });
}
