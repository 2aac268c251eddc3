const LOWER_CASE_BIT = 0x20;

/** ASCII bytes of a word (in lower case for `spells`), to compare wire bytes with. */
export function wordBytes(word: string): Uint8Array {
  return Uint8Array.from(word, (character) => character.charCodeAt(0));
}

/**
 * Whether `[start, end)` spells `word` in any letter case.
 *
 * Folding with one bit is exact for words of letters, digits and `-`, provided the bytes compared hold no control
 * characters (CR would fold to `-`): callers compare names and values that were checked byte by byte.
 */
export function spells(buffer: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  const length = end - start;
  if (length !== word.length) return false;
  for (let index = 0; index < length; index += 1) {
    if ((buffer[start + index] | LOWER_CASE_BIT) !== word[index]) return false;
  }
  return true;
}

/** Whether `[start, end)` is `word`, byte for byte. */
export function isExactly(
  buffer: Uint8Array,
  start: number,
  end: number,
  word: Uint8Array,
): boolean {
  if (end - start !== word.length) return false;
  for (let index = 0; index < word.length; index += 1) {
    if (buffer[start + index] !== word[index]) return false;
  }
  return true;
}
