import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Of this process only, so that nobody can work out what is compared. */
const KEY = randomBytes(32);

/** Compares in a time that tells nothing of where, or in what length, two texts differ. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHmac('sha256', KEY).update(text).digest();
}
