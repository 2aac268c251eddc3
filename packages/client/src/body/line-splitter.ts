/**
 * Cuts text that arrives in pieces into lines, which end at LF, CR or CRLF, also where a piece ends between the two.
 * U+2028 and its like end nothing. Linear in the text, however it is cut.
 */
export class LineSplitter {
  readonly #maxCharacters: number;
  readonly #onTooLong: () => Error;
  /** The line so far. */
  #parts: string[] = [];
  #characters = 0;
  #isAfterReturn = false;

  /** `onTooLong` makes what is thrown at a line of more than `maxCharacters`. */
  constructor(maxCharacters: number, onTooLong: () => Error) {
    this.#maxCharacters = maxCharacters;
    this.#onTooLong = onTooLong;
  }

  /** The lines that `text` completes. */
  push(text: string): string[] {
    const lines: string[] = [];
    let start = 0;
    if (this.#isAfterReturn && text !== '') {
      this.#isAfterReturn = false;
      if (text.startsWith('\n')) start = 1;
    }
    let feed = text.indexOf('\n', start);
    let carriage = text.indexOf('\r', start);
    while (feed !== -1 || carriage !== -1) {
      const end = carriage === -1 || (feed !== -1 && feed < carriage) ? feed : carriage;
      lines.push(this.#finish(text.slice(start, end)));
      start = end + 1;
      if (end === carriage) {
        if (start === text.length) this.#isAfterReturn = true;
        else if (text[start] === '\n') start += 1;
        carriage = text.indexOf('\r', start);
      }
      if (feed !== -1 && feed < start) feed = text.indexOf('\n', start);
    }
    if (start < text.length) this.#keep(text.slice(start));
    return lines;
  }

  /** The line that nothing ended, or null. */
  end(): string | null {
    return this.#parts.length === 0 ? null : this.#finish('');
  }

  #finish(part: string): string {
    if (this.#parts.length === 0) {
      if (part.length > this.#maxCharacters) throw this.#onTooLong();
      return part;
    }
    this.#keep(part);
    const line = this.#parts.join('');
    this.#parts = [];
    this.#characters = 0;
    return line;
  }

  #keep(part: string): void {
    this.#characters += part.length;
    if (this.#characters > this.#maxCharacters) throw this.#onTooLong();
    this.#parts.push(part);
  }
}
