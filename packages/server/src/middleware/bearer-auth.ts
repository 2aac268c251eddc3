import type { AnyContext, Middleware } from '../app/middleware.ts';
import { HttpError } from '../app/http-error.ts';
import { OptionError } from '../errors.ts';
import { isSameSecret } from './same-secret.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface BearerAuthOptions<Identity> {
  /**
   * Whose token it is, now or later; null or undefined for nobody's. What it throws is answered as any error. In place of it,
   * `tokens`.
   */
  readonly verify?: (
    token: string,
    c: AnyContext,
  ) => Promise<Identity | null | undefined> | Identity | null | undefined;
  /** Tokens that are known, compared in a time that says nothing about them; `identity` is true then. */
  readonly tokens?: readonly string[];
  readonly realm?: string;
  /** Named to a client whose token is missing or wrong; none unless given. */
  readonly scope?: string;
}

const OPTIONS: Names<BearerAuthOptions<unknown>> = {
  verify: true,
  tokens: true,
  realm: true,
  scope: true,
};

/** b64token (RFC 6750 §2.1). */
const CREDENTIALS = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const LONGEST = 8 * 1024;

/**
 * Asks for a token in the Authorization field (RFC 6750), never in the query, which is logged everywhere. Whose it is becomes
 * `c.locals.identity`. 401 without a token, 401 `invalid_token` for a wrong one, 400 for another form.
 */
export function bearerAuth<Identity = true>(
  options: BearerAuthOptions<Identity>,
): Middleware<{ identity: Identity }> {
  checkNames('bearerAuth', options, OPTIONS);
  const { verify, tokens, realm, scope } = options;
  if ((verify === undefined) === (tokens === undefined)) {
    throw new OptionError(
      'bearerAuth',
      'it needs one of `verify` and `tokens`',
      'Give one of them',
    );
  }
  const about = [
    ...(realm === undefined ? [] : [`realm="${quoted(realm)}"`]),
    ...(scope === undefined ? [] : [`scope="${quoted(scope)}"`]),
  ];
  const refusal = (status: 400 | 401, error: string | null): HttpError => {
    const members = error === null ? about : [...about, `error="${error}"`];
    const challenge = members.length === 0 ? 'Bearer' : `Bearer ${members.join(', ')}`;
    return new HttpError(status, null, { headers: { 'WWW-Authenticate': challenge } });
  };
  const identify = verify ?? ((token: string) => knownToken(token, tokens!) as Identity | null);
  return {
    name: 'bearer-auth',
    handle(c, next) {
      const field = c.header('authorization');
      if (field === null || !/^bearer\b/i.test(field)) throw refusal(401, null);
      const [, token] = CREDENTIALS.exec(field.slice(0, LONGEST + 1)) ?? [];
      if (token === undefined || field.length > LONGEST) throw refusal(400, 'invalid_request');
      const enter = (identity: Identity | null | undefined): unknown => {
        if (identity === null || identity === undefined) throw refusal(401, 'invalid_token');
        (c.locals as { identity?: Identity }).identity = identity;
        return next();
      };
      const identity = identify(token, c);
      return identity instanceof Promise ? identity.then(enter) : enter(identity);
    },
  };
}

/** All are compared, so that the time says nothing about which. */
function knownToken(token: string, tokens: readonly string[]): true | null {
  let isKnown = false;
  for (const each of tokens) isKnown = isSameSecret(token, each) || isKnown;
  return isKnown ? true : null;
}

function quoted(text: string): string {
  if (/[^\x20-\x7e]|["\\]/.test(text)) {
    throw new OptionError(
      'bearerAuth',
      'realm or scope holds quotes or other than ASCII',
      'Reword it',
    );
  }
  return text;
}
