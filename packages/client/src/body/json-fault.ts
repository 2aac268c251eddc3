/** Where a text stops being JSON. */
export interface JsonFault {
  readonly at: number;
  readonly expected: string;
}

type Want =
  | 'value'
  | 'first item'
  | 'first name'
  | 'name'
  | 'colon'
  | 'next item'
  | 'next name'
  | 'end';

const WORDS: Readonly<Record<Want, string>> = {
  value: 'a value',
  'first item': 'a value or ]',
  'first name': 'a name in quotes or }',
  name: 'a name in quotes',
  colon: 'a colon',
  'next item': 'a comma or ]',
  'next name': 'a comma or }',
  end: 'the end',
};
const SPACE = /[ \t\n\r]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * The first place at which `text` breaks the grammar of RFC 8259, or null where it keeps it. For messages: what engines
 * say differs between them, and is no position in some. Linear, and without recursion.
 */
export function findJsonFault(text: string): JsonFault | null {
  return new JsonScanner(text).scan();
}

class JsonScanner {
  readonly #text: string;
  /** Whether each open level is an object. */
  readonly #levels: boolean[] = [];
  #at = 0;
  #want: Want = 'value';

  constructor(text: string) {
    this.#text = text;
  }

  scan(): JsonFault | null {
    for (;;) {
      this.#match(SPACE);
      if (this.#want === 'end' && this.#at === this.#text.length) return null;
      const expected = this.#step(this.#text[this.#at]);
      if (expected !== null) return { at: this.#at, expected };
    }
  }

  /** Null when the character fits; else what was expected. */
  #step(character: string | undefined): string | null {
    const want = this.#want;
    switch (want) {
      case 'first item':
        return character === ']' ? this.#close() : this.#value(character);
      case 'value':
        return this.#value(character);
      case 'first name':
        return character === '}' ? this.#close() : this.#name(character);
      case 'name':
        return this.#name(character);
      case 'colon':
        return character === ':' ? this.#go('value') : WORDS[want];
      case 'next item':
        if (character === ']') return this.#close();
        return character === ',' ? this.#go('value') : WORDS[want];
      case 'next name':
        if (character === '}') return this.#close();
        return character === ',' ? this.#go('name') : WORDS[want];
      case 'end':
        return WORDS[want];
    }
  }

  #value(character: string | undefined): string | null {
    if (character === '{' || character === '[') {
      this.#levels.push(character === '{');
      return this.#go(character === '{' ? 'first name' : 'first item');
    }
    if (character === '"') {
      const fault = this.#string();
      if (fault === null) this.#want = this.#afterValue();
      return fault;
    }
    if (!this.#match(SCALAR)) return WORDS[this.#want];
    this.#want = this.#afterValue();
    return null;
  }

  #name(character: string | undefined): string | null {
    if (character !== '"') return WORDS[this.#want];
    const fault = this.#string();
    if (fault === null) this.#want = 'colon';
    return fault;
  }

  #string(): string | null {
    this.#at += 1;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) return 'a closing quote';
      if (code === 0x22) {
        this.#at += 1;
        return null;
      }
      if (code < 0x20) return 'an escape for a control character';
      if (code !== 0x5c) this.#at += 1;
      else if (!this.#match(ESCAPE)) return 'a known escape';
    }
  }

  #close(): null {
    this.#levels.pop();
    this.#at += 1;
    this.#want = this.#afterValue();
    return null;
  }

  #go(want: Want): null {
    this.#at += 1;
    this.#want = want;
    return null;
  }

  #afterValue(): Want {
    const isObject = this.#levels.at(-1);
    if (isObject === undefined) return 'end';
    return isObject ? 'next name' : 'next item';
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}
