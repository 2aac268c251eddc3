/** One member of Sec-WebSocket-Extensions; a parameter without a value is true. */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
/** The value in quotes must be a token once unquoted (RFC 6455 §9.1), so nothing in it needs escaping. */
const QUOTED_TOKEN = /"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)"/y;
const MOST_EXTENSIONS = 16;
const MOST_PARAMETERS = 16;

/** The list that one or more header lines make (RFC 6455 §9.1), or null when it is malformed. */
export function parseExtensions(lines: readonly string[]): Extension[] | null {
  const found: Extension[] = [];
  for (const line of lines) {
    const cursor = new Cursor(line);
    do {
      const extension = readExtension(cursor);
      if (extension === null || found.length === MOST_EXTENSIONS) return null;
      found.push(extension);
    } while (cursor.skip(','));
    if (!cursor.isAtEnd) return null;
  }
  return found;
}

function readExtension(cursor: Cursor): Extension | null {
  const name = cursor.match(TOKEN);
  if (name === null) return null;
  const parameters: (readonly [string, string | true])[] = [];
  while (cursor.skip(';')) {
    const key = cursor.match(TOKEN);
    if (key === null || parameters.length === MOST_PARAMETERS) return null;
    if (!cursor.skip('=')) {
      parameters.push([key, true]);
      continue;
    }
    const value = cursor.match(TOKEN) ?? cursor.match(QUOTED_TOKEN);
    if (value === null) return null;
    parameters.push([key, value]);
  }
  return { name, parameters };
}

class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    this.#skipSpace();
    return true;
  }

  match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    this.#skipSpace();
    return found[1] ?? found[0];
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }
}
