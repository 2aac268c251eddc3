import { createHash } from 'node:crypto';
import type { ClientRequest } from '../model/client-request.ts';
import type { DigestChallenge } from './digest-challenge.ts';

/** What may stand between quotes in a field as it is; other user names go by `username*` (RFC 7616 §3.4). */
const PLAIN = /^[\x20-\x7e]*$/;

/** The use of one nonce: counts its requests, and answers for each of them. */
export class DigestSession {
  readonly challenge: DigestChallenge;
  readonly #username: string;
  readonly #cnonce: string;
  /** H(A1): made once, for a session algorithm covers the first nonces only (RFC 7616 §3.4.2). */
  readonly #secret: string;
  #nonce: string;
  #count = 0;

  constructor(challenge: DigestChallenge, username: string, password: string, cnonce: string) {
    const { hash, realm, nonce, isSession } = challenge;
    this.challenge = challenge;
    this.#username = username;
    this.#cnonce = cnonce;
    this.#nonce = nonce;
    const secret = digestOf(hash, joined(`${username}:`, realm, `:${password}`));
    this.#secret = isSession ? digestOf(hash, `${secret}:${nonce}:${cnonce}`) : secret;
  }

  get nonce(): string {
    return this.#nonce;
  }

  /** The server says which nonce it wants next (RFC 7616 §3.5). */
  continueWith(nonce: string): void {
    if (nonce === this.#nonce) return;
    this.#nonce = nonce;
    this.#count = 0;
  }

  /** Whether it can answer for `request`: auth-int covers a body, which has to be whole. */
  canCover({ body }: ClientRequest): boolean {
    return this.challenge.qop !== 'auth-int' || body === null || body.whole !== null;
  }

  /** What Authorization says for `request`, sent now. */
  authorize(request: ClientRequest): string {
    const { hash, realm, qop, opaque, algorithm, isSession } = this.challenge;
    this.#count += 1;
    const nc = this.#count.toString(16).padStart(8, '0');
    const uri = request.url.target;
    const covered = qop === 'auth-int' ? `:${digestOf(hash, request.body?.whole ?? '')}` : '';
    const asked = digestOf(hash, `${request.method}:${uri}${covered}`);
    const proof = qop === null ? asked : `${nc}:${this.#cnonce}:${qop}:${asked}`;
    const fields = [
      ...this.#usernameFields(),
      `realm=${quoted(realm)}`,
      `nonce=${quoted(this.#nonce)}`,
      `uri=${quoted(uri)}`,
      `response="${digestOf(hash, `${this.#secret}:${this.#nonce}:${proof}`)}"`,
    ];
    if (algorithm !== null) fields.push(`algorithm=${algorithm}`);
    if (opaque !== null) fields.push(`opaque=${quoted(opaque)}`);
    if (qop !== null) fields.push(`qop=${qop}`, `nc=${nc}`);
    if (qop !== null || isSession) fields.push(`cnonce=${quoted(this.#cnonce)}`);
    return `Digest ${fields.join(', ')}`;
  }

  #usernameFields(): string[] {
    const { hash, realm, wantsUserHash } = this.challenge;
    if (wantsUserHash) {
      const name = digestOf(hash, joined(`${this.#username}:`, realm, ''));
      return [`username="${name}"`, 'userhash=true'];
    }
    if (PLAIN.test(this.#username)) return [`username=${quoted(this.#username)}`];
    return [`username*=UTF-8''${extended(this.#username)}`];
  }
}

function digestOf(hash: string, data: string | Uint8Array): string {
  return createHash(hash).update(data).digest('hex');
}

/** The realm as the bytes that came: a field is read as latin1, whatever its server wrote. */
function joined(before: string, realm: string, after: string): Buffer {
  return Buffer.concat([Buffer.from(before), Buffer.from(realm, 'latin1'), Buffer.from(after)]);
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** RFC 8187 §3.2. */
function extended(text: string): string {
  const character = (found: string): string =>
    `%${found.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return encodeURIComponent(text).replaceAll(/['()*]/g, character);
}
