// Hot for `checkFinalStatus` on other backends than wire, which remembers good ones; nothing is allocated for what is right.
// The caller asks before a byte is written, so that a refused answer can be replaced. Guarded by the backend suite.
import { encodeFields } from '@needletail/wire';
import { InvalidReplyError } from '../errors.ts';

const FIRST_FINAL = 200;
const STATUSES_END = 600;

/** Throws InvalidReplyError for what is no final status (RFC 9110 §15). */
export function checkFinalStatus(status: number): void {
  if (Number.isInteger(status) && status >= FIRST_FINAL && status < STATUSES_END) return;
  throw new InvalidReplyError({
    code: 'INVALID_STATUS',
    problem: 'Answer not sent',
    reason: `${status} is no final status (RFC 9110 §15)`,
    remedy: 'Give a whole number from 200 to 599',
  });
}

/** Field lines of an informational response; throws InvalidReplyError for what is none, or switches protocols. */
export function interimLines(
  status: number,
  fields: readonly (readonly [name: string, value: string])[],
  where: string,
): string {
  if (!Number.isInteger(status) || status < 100 || status > 199 || status === 101) {
    throw new InvalidReplyError({
      code: 'INVALID_STATUS',
      problem: 'Answer not sent',
      reason: `${status} is no informational status, or switches protocols (RFC 9110 §15.2)`,
      where,
      remedy: 'Give one from 100 to 199, not 101',
    });
  }
  return encodeFields(fields);
}

/** Throws InvalidReplyError for a length that no body can have; null is one that is not known. */
export function checkLength(length: number | null, where: string): void {
  if (length === null || (Number.isSafeInteger(length) && length >= 0)) return;
  throw new InvalidReplyError({
    code: 'INVALID_LENGTH',
    problem: 'Answer not sent',
    reason: `its length is ${length}`,
    where,
    remedy: 'Give a whole number of bytes, or null',
  });
}

/** Whether an answer carries its body (RFC 9110 §6.4.1). */
export function mayHaveBody(method: string, status: number): boolean {
  return status !== 204 && status !== 304 && status !== 205 && method !== 'HEAD';
}

/**
 * What Content-Length says of an answer that carries no body, null for no such field: a 205 is empty (RFC 9110 §15.3.6), the
 * answer to HEAD may tell the length, a 204 must not.
 */
export function lengthWithoutBody(
  method: string,
  status: number,
  body: string | Uint8Array | null,
): number | null {
  if (status === 205) return 0;
  if (status === 204 || status === 304) return null;
  if (body !== null) return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  return method === 'HEAD' ? null : 0;
}
