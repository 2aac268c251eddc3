import { createHmac, timingSafeEqual } from 'node:crypto';
import { ServerError } from '../errors.ts';

/** What a valid signature says. */
export interface VerifiedCookie {
  readonly value: string;
  /** Which key signed it; above 0, sign it anew so that the old key can go. */
  readonly keyIndex: number;
}

const SHORTEST_KEY = 16;
/** Characters of an HMAC-SHA256 in base64url. */
const SIGNATURE_LENGTH = 43;

/**
 * `value` with a signature behind it (HMAC-SHA256 by the first key, over the name too, so that it is worth nothing under
 * another name). It can still be read by everybody. Throws for keys under 16 characters.
 */
export function signCookie(name: string, value: string, keys: readonly string[]): string {
  checkKeys(keys);
  return `${value}.${signatureOf(name, value, keys[0]!).toString('base64url')}`;
}

/** The value of a cookie that one of `keys` signed under this name, or null. Takes as long wherever signatures differ. */
export function verifyCookie(
  name: string,
  signed: string,
  keys: readonly string[],
): VerifiedCookie | null {
  checkKeys(keys);
  const dot = signed.length - SIGNATURE_LENGTH - 1;
  if (dot < 0 || signed[dot] !== '.') return null;
  const value = signed.slice(0, dot);
  const text = signed.slice(dot + 1);
  const given = Buffer.from(text, 'base64url');
  // A second spelling of the same bytes would make two cookies of one.
  if (given.toString('base64url') !== text) return null;
  for (const [keyIndex, key] of keys.entries()) {
    if (timingSafeEqual(signatureOf(name, value, key), given)) return { value, keyIndex };
  }
  return null;
}

function signatureOf(name: string, value: string, key: string): Buffer {
  return createHmac('sha256', key).update(`${name}=${value}`).digest();
}

function checkKeys(keys: readonly string[]): void {
  if (keys.length > 0 && keys.every((key) => key.length >= SHORTEST_KEY)) return;
  throw new ServerError({
    code: 'WEAK_COOKIE_KEY',
    problem: 'Cookie not signed',
    reason: `a key is missing, or has fewer than ${SHORTEST_KEY} characters`,
    remedy: 'Make keys with randomBytes(32).toString("base64url"), the newest first',
  });
}
