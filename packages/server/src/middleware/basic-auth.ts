import type { AnyContext, Middleware } from '../app/middleware.ts';
import { HttpError } from '../app/http-error.ts';
import { OptionError } from '../errors.ts';
import { isSameSecret } from './same-secret.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface BasicAuthOptions {
  /** Passwords by name, or a test that gives whether both are right, now or later. */
  readonly users:
    | Readonly<Record<string, string>>
    | ((name: string, password: string, c: AnyContext) => boolean | Promise<boolean>);
  /** What the browser shows the user; `Restricted` unless given. */
  readonly realm?: string;
}

const OPTIONS: Names<BasicAuthOptions> = {
  users: true,
  realm: true,
};

const CREDENTIALS = /^basic +([A-Za-z0-9+/]+={0,2})$/i;
const LONGEST = 8 * 1024;

/**
 * Asks for a name and a password (RFC 7617), which are `c.locals.user` and nowhere else; 401 without. They are compared in a
 * time that says nothing about them, in UTF-8. Over HTTP anybody in between can read them: use TLS.
 */
export function basicAuth(options: BasicAuthOptions): Middleware<{ user: string }> {
  checkNames('basicAuth', options, OPTIONS);
  const { users, realm = 'Restricted' } = options;
  if (/[^\x20-\x7e]|["\\]/.test(realm)) {
    throw new OptionError('basicAuth', 'the realm holds quotes or other than ASCII', 'Reword it');
  }
  const headers = { 'WWW-Authenticate': `Basic realm="${realm}", charset="UTF-8"` };
  const check = typeof users === 'function' ? users : tester(users);
  return {
    name: 'basic-auth',
    handle(c, next) {
      const sent = credentialsOf(c.header('authorization'));
      if (sent === null) throw new HttpError(401, null, { headers });
      const enter = (isRight: boolean): unknown => {
        if (!isRight) throw new HttpError(401, null, { headers });
        (c.locals as { user?: string }).user = sent.name;
        return next();
      };
      const isRight = check(sent.name, sent.password, c);
      return typeof isRight === 'boolean' ? enter(isRight) : isRight.then(enter);
    },
  };
}

/** An unknown name costs what a wrong password costs. */
function tester(
  users: Readonly<Record<string, string>>,
): (name: string, password: string) => boolean {
  const known = new Map(Object.entries(users));
  return (name, password) => {
    const right = known.get(name);
    return isSameSecret(password, right ?? 'nobody') && right !== undefined;
  };
}

function credentialsOf(field: string | null): { name: string; password: string } | null {
  if (field === null || field.length > LONGEST) return null;
  const [, encoded] = CREDENTIALS.exec(field.trim()) ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon === -1 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
