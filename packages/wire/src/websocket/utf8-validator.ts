// Hot for fragmented and cut text; a message that arrives whole takes `findInvalidUtf8` alone. Allocates one view a call.
// The caller owns the bytes and hands them over in order.
// Guarded by bench/src/websocket.ts.
import { isUtf8 } from 'node:buffer';

const CONTINUATION_MIN = 0x80;
const CONTINUATION_MAX = 0xbf;
/** No sequence has more bytes before its last one. */
const LONGEST_TAIL = 3;

/**
 * Checks UTF-8 (RFC 3629) that arrives in pieces and finds the first byte that no continuation could save, as soon as
 * it is there. Everything but sequences cut by the end of a piece is left to the runtime's own validator.
 */
export class Utf8Validator {
  /** Continuation bytes still to come, and the range of the next one: it is narrower after E0, ED, F0 and F4. */
  #needed = 0;
  #low = CONTINUATION_MIN;
  #high = CONTINUATION_MAX;

  /** Whether what was fed could end here. */
  get isComplete(): boolean {
    return this.#needed === 0;
  }

  /** The index of the first wrong byte of `bytes[start, end)`, or -1. */
  feed(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#needed > 0) {
      if (!this.#step(bytes[at])) return at;
      at += 1;
    }
    const tail = incompleteTail(bytes, at, end);
    const isFine = tail === at || isUtf8(bytes.subarray(at, tail));
    return this.#scan(bytes, isFine ? tail : at, end);
  }

  #scan(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at += 1) if (!this.#step(bytes[at])) return at;
    return -1;
  }

  /** One byte of the automaton of Unicode 16 table 3-7; false when it cannot be there. */
  #step(byte: number): boolean {
    if (this.#needed > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#needed -= 1;
      this.#low = CONTINUATION_MIN;
      this.#high = CONTINUATION_MAX;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    // Overlong forms, surrogates, and what is past U+10FFFF.
    if (byte === 0xe0) this.#low = 0xa0;
    else if (byte === 0xed) this.#high = 0x9f;
    else if (byte === 0xf0) this.#low = 0x90;
    else if (byte === 0xf4) this.#high = 0x8f;
    return true;
  }
}

/** Where the last sequence of `bytes[start, end)` begins if it is not whole, else `end`. */
function incompleteTail(bytes: Uint8Array, start: number, end: number): number {
  const earliest = Math.max(start, end - LONGEST_TAIL);
  for (let at = end - 1; at >= earliest; at -= 1) {
    const byte = bytes[at];
    if (byte < 0x80) return end;
    if (byte >= 0xc0) {
      const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      return at + length > end ? at : end;
    }
  }
  return end;
}

/**
 * The index of the first wrong byte of a whole text, `end` when only its last sequence is cut, -1 when it is well-formed.
 */
export function findInvalidUtf8(bytes: Uint8Array, start: number, end: number): number {
  if (isUtf8(bytes.subarray(start, end))) return -1;
  const validator = new Utf8Validator();
  const at = validator.feed(bytes, start, end);
  return at === -1 ? end : at;
}
