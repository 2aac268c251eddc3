import { HTAB, LOWER_CASE_BIT, SP } from './byte-classes.ts';

/** ASCII bytes of a lower-case word, to compare wire bytes with. */
export function wordBytes(lowerCaseWord: string): Uint8Array {
  return Uint8Array.from(lowerCaseWord, (character) => character.charCodeAt(0));
}

/**
 * Whether `[start, end)` spells `word` in any letter case.
 *
 * Folding with one bit is exact for words of letters, digits and `-`, provided the bytes compared hold no control
 * characters (CR would fold to `-`): callers compare tokens and field values, which were checked byte by byte.
 */
export function spells(buffer: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  const length = end - start;
  if (length !== word.length) return false;
  for (let index = 0; index < length; index += 1) {
    if ((buffer[start + index] | LOWER_CASE_BIT) !== word[index]) return false;
  }
  return true;
}

/**
 * First position in `[start, end)` that is not optional whitespace. Only SP and HTAB count (RFC 9110 §5.6.3): the
 * wider idea of whitespace of `String.prototype.trim` is a request-smuggling hole.
 */
export function skipWhitespace(buffer: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (buffer[at] === SP || buffer[at] === HTAB)) at += 1;
  return at;
}

/** End of `[start, end)` without the optional whitespace it ends in; never before `start`. */
export function dropWhitespace(buffer: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && (buffer[at - 1] === SP || buffer[at - 1] === HTAB)) at -= 1;
  return at;
}
