import { AuthError } from '../errors.ts';

/** What a .netrc says of one machine. */
interface NetrcEntry {
  readonly login: string;
  readonly password: string;
}

/** The machines of a .netrc, in lower case, and what holds for all others. */
export interface NetrcFile {
  readonly machines: ReadonlyMap<string, NetrcEntry>;
  readonly fallback: NetrcEntry | null;
}

interface Token {
  readonly text: string;
  readonly line: number;
}

/**
 * Reads the text of a .netrc: `machine`, `default`, `login` (or `user`), `password`, `account`; macros are stepped over,
 * quotes and backslashes in values undone, a `#` begins a comment where a word is expected. The first entry of a machine
 * counts. Throws AuthError with the line of what makes no sense; no message shows a value.
 */
export function parseNetrc(text: string, file: string): NetrcFile {
  const words = new NetrcWords(text, file);
  const machines = new Map<string, NetrcEntry>();
  let fallback: NetrcEntry | null = null;
  for (let word = words.nextKeyword(); word !== null; word = words.nextKeyword()) {
    if (word.text === 'macdef') {
      words.skipMacro();
    } else if (word.text === 'machine') {
      const name = words.value(word).toLowerCase();
      const entry = readEntry(words);
      if (!machines.has(name)) machines.set(name, entry);
    } else if (word.text === 'default') {
      fallback ??= readEntry(words);
    } else {
      throw netrcError(
        file,
        `line ${word.line} has a word where machine, default or macdef belongs`,
      );
    }
  }
  return { machines, fallback };
}

/** For files that cannot be read or make no sense. */
export function netrcError(file: string, reason: string, cause?: unknown): AuthError {
  return new AuthError({
    code: 'AUTH_FILE',
    phase: 'auth',
    problem: 'Credentials not found',
    reason: `${reason} in ${file}`,
    remedy: 'Mend the file: machine example.com login ada password secret',
    cause,
  });
}

function readEntry(words: NetrcWords): NetrcEntry {
  let login = '';
  let password = '';
  for (let word = words.nextKeyword(); word !== null; word = words.nextKeyword()) {
    if (word.text === 'login' || word.text === 'user') login = words.value(word);
    else if (word.text === 'password') password = words.value(word);
    else if (word.text === 'account') words.value(word);
    else if (word.text === 'macdef') words.skipMacro();
    else {
      words.giveBack(word);
      break;
    }
  }
  return { login, password };
}

/** Words one after the other, with their lines. */
class NetrcWords {
  readonly #text: string;
  readonly #file: string;
  #at = 0;
  #line = 1;
  #returned: Token | null = null;

  constructor(text: string, file: string) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#file = file;
  }

  nextKeyword(): Token | null {
    const returned = this.#returned;
    this.#returned = null;
    if (returned !== null) return returned;
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] !== '#') return this.#word();
      this.#skipTo(this.#text.indexOf('\n', this.#at));
    }
  }

  /** The word behind `keyword`. */
  value(keyword: Token): string {
    this.#skipSpace();
    const word = this.#word();
    if (word === null) {
      throw netrcError(this.#file, `line ${keyword.line} ends behind ${keyword.text}`);
    }
    return word.text;
  }

  giveBack(word: Token): void {
    this.#returned = word;
  }

  /** A macro ends at the first empty line. */
  skipMacro(): void {
    const end = /\r?\n[ \t]*\r?\n/g;
    end.lastIndex = this.#at;
    const found = end.exec(this.#text);
    this.#skipTo(found === null ? -1 : found.index + found[0].length);
  }

  #skipSpace(): void {
    const space = /\s*/y;
    space.lastIndex = this.#at;
    this.#skipTo(this.#at + space.exec(this.#text)![0].length);
  }

  #word(): Token | null {
    if (this.#at >= this.#text.length) return null;
    const line = this.#line;
    if (this.#text[this.#at] === '"') return { text: this.#quoted(), line };
    const start = this.#at;
    const word = /\S+/y;
    word.lastIndex = start;
    this.#at += word.exec(this.#text)![0].length;
    return { text: this.#text.slice(start, this.#at).replaceAll(/\\(.)/g, '$1'), line };
  }

  #quoted(): string {
    const line = this.#line;
    const quoted = /"((?:[^"\\]|\\[^])*)"/y;
    quoted.lastIndex = this.#at;
    const found = quoted.exec(this.#text);
    if (found === null) throw netrcError(this.#file, `the quote in line ${line} is not closed`);
    this.#skipTo(this.#at + found[0].length);
    return found[1]!.replaceAll(/\\([^])/g, '$1');
  }

  /** Counts the lines on the way; -1 is the end. */
  #skipTo(position: number): void {
    const end = position === -1 ? this.#text.length : position;
    for (let at = this.#at; at < end; at += 1) if (this.#text[at] === '\n') this.#line += 1;
    this.#at = end;
  }
}
