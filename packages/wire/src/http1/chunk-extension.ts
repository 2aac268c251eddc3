import { QUOTED_TEXT_BYTES, TOKEN_BYTES, VALUE_BYTES } from '../bytes/byte-classes.ts';

const BACKSLASH = 0x5c;
const DOUBLE_QUOTE = 0x22;
const EQUALS = 0x3d;
const SEMICOLON = 0x3b;

const NAME_START = 0;
const NAME = 1;
const VALUE_START = 2;
const TOKEN_VALUE = 3;
const QUOTED = 4;
const QUOTED_PAIR = 5;
const AFTER_QUOTED = 6;

/**
 * Checks `*( ";" name [ "=" ( token / quoted-string ) ] )` byte by byte and keeps none of it (RFC 9112 §7.1.1). The
 * whitespace the grammar tolerates around `;` and `=` for the sake of old senders is refused.
 */
export class ChunkExtension {
  #state = NAME_START;

  /** To be called for the first `;` of a line. */
  begin(): void {
    this.#state = NAME_START;
  }

  /** Whether the line may end here. */
  get mayEnd(): boolean {
    return this.#state === NAME || this.#state === TOKEN_VALUE || this.#state === AFTER_QUOTED;
  }

  /** Takes one byte after the first `;`; false when it cannot stand there. */
  accept(byte: number): boolean {
    const isToken = TOKEN_BYTES[byte] === 1;
    switch (this.#state) {
      case NAME_START:
        return isToken && this.#go(NAME);
      case NAME:
        if (isToken) return true;
        if (byte === EQUALS) return this.#go(VALUE_START);
        return byte === SEMICOLON && this.#go(NAME_START);
      case VALUE_START:
        if (byte === DOUBLE_QUOTE) return this.#go(QUOTED);
        return isToken && this.#go(TOKEN_VALUE);
      case TOKEN_VALUE:
        return isToken || (byte === SEMICOLON && this.#go(NAME_START));
      case QUOTED:
        if (byte === DOUBLE_QUOTE) return this.#go(AFTER_QUOTED);
        if (byte === BACKSLASH) return this.#go(QUOTED_PAIR);
        return QUOTED_TEXT_BYTES[byte] === 1;
      case QUOTED_PAIR:
        return VALUE_BYTES[byte] === 1 && this.#go(QUOTED);
      default:
        return byte === SEMICOLON && this.#go(NAME_START);
    }
  }

  #go(state: number): true {
    this.#state = state;
    return true;
  }
}
