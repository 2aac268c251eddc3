/** The first place where a text stops being JSON. */
export interface JsonFault {
  /** Characters before it. */
  readonly offset: number;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** What would have been JSON. */
  readonly expected: string;
}

const SPACES = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;
// oxlint-disable-next-line no-control-regex -- controls are what JSON forbids in a string (RFC 8259 §7)
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y;

/**
 * Where and why `text` is not JSON (RFC 8259), or null when it is. For texts that were refused: engines word their errors
 * differently, quote what was sent, and some name no place. Takes time in proportion to the text.
 */
export function findJsonFault(text: string): JsonFault | null {
  const scan = new JsonScan(text);
  const expected = scan.findFault();
  if (expected === null) return null;
  const before = text.slice(0, scan.offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    offset: scan.offset,
    line: before.split('\n').length,
    column: scan.offset - lineStart + 1,
    expected,
  };
}

/** One pass over a text, without recursion: a body of brackets only must not exhaust the stack. */
class JsonScan {
  offset = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  findFault(): string | null {
    const open: string[] = [];
    let mayEnd = false;
    for (;;) {
      // Here a value is to begin, or, right behind an opening bracket, the bracket may close.
      this.#skip(SPACES);
      const first = this.#text[this.offset];
      if (mayEnd && first === open.at(-1)) {
        this.offset += 1;
        open.pop();
      } else {
        if (open.at(-1) === '}') {
          const fault = this.#name(mayEnd);
          if (fault !== null) return fault;
        }
        const opener = this.#text[this.offset];
        if (opener === '[' || opener === '{') {
          this.offset += 1;
          open.push(opener === '[' ? ']' : '}');
          mayEnd = true;
          continue;
        }
        const fault = this.#scalar(mayEnd && open.at(-1) === ']');
        if (fault !== null) return fault;
      }
      mayEnd = false;
      const fault = this.#close(open);
      if (fault !== null) return fault;
      if (open.length === 0) return this.offset === this.#text.length ? null : 'the end';
    }
  }

  /** Behind a value: closing brackets, then a comma, or the end of the text. */
  #close(open: string[]): string | null {
    for (;;) {
      this.#skip(SPACES);
      const bracket = open.at(-1);
      if (bracket === undefined) return null;
      const next = this.#text[this.offset];
      if (next !== bracket && next !== ',') return `a comma or ${bracket}`;
      this.offset += 1;
      if (next === ',') return null;
      open.pop();
    }
  }

  #name(mayEnd: boolean): string | null {
    if (this.#text[this.offset] !== '"') return `a name in double quotes${mayEnd ? ' or }' : ''}`;
    const fault = this.#string();
    if (fault !== null) return fault;
    this.#skip(SPACES);
    if (this.#text[this.offset] !== ':') return 'a colon';
    this.offset += 1;
    this.#skip(SPACES);
    return null;
  }

  #scalar(mayEnd: boolean): string | null {
    if (this.#text[this.offset] === '"') return this.#string();
    return this.#skip(SCALAR) ? null : `a value${mayEnd ? ' or ]' : ''}`;
  }

  #string(): string | null {
    this.offset += 1;
    for (;;) {
      this.#skip(PLAIN);
      const next = this.#text[this.offset];
      if (next === '"') break;
      if (next === undefined) return 'a closing quote';
      if (!this.#skip(ESCAPE)) return next === '\\' ? 'a valid escape' : 'an escape, for a control';
    }
    this.offset += 1;
    return null;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.offset;
    if (!pattern.test(this.#text)) return false;
    this.offset = pattern.lastIndex;
    return true;
  }
}
