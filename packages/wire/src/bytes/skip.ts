// Hot: every byte of every head passes here once. Allocates nothing.
// The caller keeps `0 <= start <= end <= buffer.length`. Guarded by bench/src/codec.ts.

const DEL = 0x7f;
const HTAB = 0x09;
const SP = 0x20;

/** First position in `[start, end)` whose byte is not in `members`, a table of byte-classes.ts; else `end`. */
export function skipMembers(
  buffer: Uint8Array,
  start: number,
  end: number,
  members: Uint8Array,
): number {
  for (let at = start; at < end; at += 1) {
    if (members[buffer[at]] === 0) return at;
  }
  return end;
}

/** `skipMembers` for VALUE_BYTES, spelt as comparisons: values are most of a head, and two compares beat a load. */
export function skipValue(buffer: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at];
    if ((byte < SP && byte !== HTAB) || byte === DEL) return at;
  }
  return end;
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
