import { FieldReader } from '../model/field-reader.ts';

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
const TO_COMMA = /[^,]*/y;

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
  readonly #reader: FieldReader;

  constructor(text: string) {
    this.#reader = new FieldReader(text);
  }

  challenges(): AuthChallenge[] {
    const reader = this.#reader;
    const found: AuthChallenge[] = [];
    for (;;) {
      reader.take(SEPARATORS);
      if (reader.isAtEnd) return found;
      const scheme = reader.take(TOKEN);
      if (scheme === '') {
        reader.take(TO_COMMA);
        continue;
      }
      const hasMore = reader.take(SPACES) !== '';
      const token68 = hasMore ? reader.take(TOKEN68) : '';
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
    const reader = this.#reader;
    const params = new Map<string, string>();
    for (;;) {
      reader.take(SEPARATORS);
      const start = reader.position;
      const name = reader.take(TOKEN).toLowerCase();
      if (name === '' || reader.take(EQUALS) === '') {
        reader.goTo(start);
        return params;
      }
      const value = reader.isAt('"') ? reader.quoted() : reader.take(TOKEN);
      if (!params.has(name)) params.set(name, value);
      reader.take(TO_COMMA);
    }
  }
}
