import { randomFillSync } from 'node:crypto';

/** Crockford's base 32: no I, L, O, U. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;
const POOL_BYTES = RANDOM_DIGITS * 128;

const pool = Buffer.alloc(POOL_BYTES);
let at = POOL_BYTES;
let timeMs = 0;
let timeText = '';

/** 26 characters that sort by the time they were made: 48 bits of milliseconds, 80 random bits (github.com/ulid/spec). */
export function ulid(nowMs: number = Date.now()): string {
  if (nowMs !== timeMs || timeText === '') {
    timeMs = nowMs;
    timeText = digitsOf(nowMs);
  }
  if (at === POOL_BYTES) {
    randomFillSync(pool);
    at = 0;
  }
  let text = timeText;
  for (const end = at + RANDOM_DIGITS; at < end; at += 1) text += DIGITS[pool[at]! & 31];
  return text;
}

function digitsOf(epochMs: number): string {
  let text = '';
  let rest = epochMs;
  for (let digit = 0; digit < TIME_DIGITS; digit += 1) {
    text = DIGITS[rest % 32]! + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
