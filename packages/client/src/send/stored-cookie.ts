import type { Cookie } from 'tough-cookie';
import { InvalidRequestError } from '../errors.ts';

/** A cookie as it is kept. */
export interface StoredCookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly path: string;
  /** ISO 8601; null for one that lives as long as the client. */
  readonly expires: string | null;
  /** For `domain` alone, not for the hosts below it. */
  readonly hostOnly: boolean;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: string | null;
}

export function toStored(cookie: Cookie): StoredCookie {
  const expires = cookie.isPersistent() ? cookie.expiryDate() : undefined;
  return {
    name: cookie.key,
    value: cookie.value,
    domain: cookie.domain ?? '',
    path: cookie.path ?? '/',
    expires: expires === undefined || !isMoment(expires) ? null : expires.toISOString(),
    hostOnly: cookie.hostOnly ?? true,
    secure: cookie.secure,
    httpOnly: cookie.httpOnly,
    sameSite: cookie.sameSite ?? null,
  };
}

/** Cookies as `toStored` wrote them, parsed or as JSON text; throws InvalidRequestError for anything else. */
export function checkedCookies(saved: unknown): readonly StoredCookie[] {
  const list = typeof saved === 'string' ? parsed(saved) : saved;
  if (!Array.isArray(list)) throw refused('it is no list of cookies');
  for (const [index, cookie] of list.entries()) {
    if (!isStoredCookie(cookie)) throw refused(`its entry ${index} is no cookie`);
  }
  return list as readonly StoredCookie[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused('it is no JSON', error);
  }
}

function isStoredCookie(cookie: unknown): cookie is StoredCookie {
  if (typeof cookie !== 'object' || cookie === null) return false;
  const { name, value, domain, path, expires, hostOnly, secure, httpOnly, sameSite } =
    cookie as Record<string, unknown>;
  return (
    [name, value, domain, path].every((field) => typeof field === 'string') &&
    [hostOnly, secure, httpOnly].every((field) => typeof field === 'boolean') &&
    (expires === null || (typeof expires === 'string' && isMoment(new Date(expires)))) &&
    (sameSite === null || typeof sameSite === 'string')
  );
}

function isMoment(date: Date): boolean {
  return !Number.isNaN(date.getTime());
}

function refused(reason: string, cause?: unknown): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: 'Cookies not restored',
    reason,
    remedy: 'Give what toJSON() wrote',
    cause,
  });
}
