/** Reads the value of a field from left to right: what parsers of structured values have in common. Linear in the length. */
export class FieldReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Where it is, to come back to. */
  get position(): number {
    return this.#at;
  }

  goTo(position: number): void {
    this.#at = position;
  }

  /** Whether `character` is next. */
  isAt(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** What a sticky pattern finds here, which is then behind; empty where it finds nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  /** A quoted string (RFC 9110 §5.6.4) with its escapes undone, from the quote it is at; one that is not closed ends the text. */
  quoted(): string {
    let value = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at]!;
      if (character === '"') {
        this.#at += 1;
        return value;
      }
      if (character === '\\') this.#at += 1;
      value += this.#text[this.#at] ?? '';
    }
    return value;
  }

  /** What stands between the character it is at and the next `end`, which is then behind; null, and no step, without one. */
  enclosed(end: string): string | null {
    const found = this.#text.indexOf(end, this.#at);
    if (found === -1) return null;
    const inside = this.#text.slice(this.#at + 1, found);
    this.#at = found + 1;
    return inside;
  }
}
