/** One way a server offers to authenticate (RFC 9110 §11.6.1). */
export interface AuthChallenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case, quotes and escapes undone; the first of a repeated name. */
  readonly params: ReadonlyMap<string, string>;
  /** What stands in place of parameters in `Negotiate oYG…`. */
  readonly token68: string | null;
}

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const SPACES = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
const EQUALS = /[ \t]*=[ \t]*/y;

/**
 * The challenges in values of WWW-Authenticate, in order. A list of lists: a comma separates challenges as well as
 * parameters, so a name with a `=` behind it belongs to the challenge before it. What cannot be read is stepped over up
 * to the next comma. Linear in the length.
 */
export function parseChallenges(values: readonly string[]): AuthChallenge[] {
  return values.flatMap((value) => new ChallengeReader(value).challenges());
}

/** Parameters alone, as Authentication-Info has them (RFC 7615 §3). */
export function parseAuthParams(value: string): ReadonlyMap<string, string> {
  return new ChallengeReader(value).params();
}

class ChallengeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  challenges(): AuthChallenge[] {
    const found: AuthChallenge[] = [];
    for (;;) {
      this.#take(SEPARATORS);
      if (this.#at >= this.#text.length) return found;
      const scheme = this.#take(TOKEN);
      if (scheme === '') {
        this.#skipToComma();
        continue;
      }
      const hasMore = this.#take(SPACES) !== '';
      const token68 = hasMore ? this.#take(TOKEN68) : '';
      // One token and a comma: a scheme without parameters was taken for a token68 only if it stood alone.
      const params = hasMore && token68 === '' ? this.params() : new Map<string, string>();
      found.push({
        scheme: scheme.toLowerCase(),
        params,
        token68: token68 === '' ? null : token68,
      });
    }
  }

  /** Stops before a name without a `=`: that is the next scheme. */
  params(): Map<string, string> {
    const params = new Map<string, string>();
    for (;;) {
      this.#take(SEPARATORS);
      const start = this.#at;
      const name = this.#take(TOKEN).toLowerCase();
      if (name === '' || this.#take(EQUALS) === '') {
        this.#at = start;
        return params;
      }
      const value = this.#text[this.#at] === '"' ? this.#quoted() : this.#take(TOKEN);
      if (!params.has(name)) params.set(name, value);
      this.#skipToComma();
    }
  }

  #quoted(): string {
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

  #skipToComma(): void {
    const comma = this.#text.indexOf(',', this.#at);
    this.#at = comma === -1 ? this.#text.length : comma;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
