/** What is taken out of a recording before it is written, and out of a request before it is looked up. */
export interface RedactOptions {
  /** Fields besides those that always are: authorization, proxy-authorization, cookie, set-cookie, x-api-key. */
  readonly headers?: readonly string[];
  /** Query parameters and names in JSON besides those that always are: token, api_key, password, client_secret and the like. */
  readonly names?: readonly string[];
}

const REDACTED = '[secret]';

const SECRET_FIELDS = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
  'x-csrf-token',
];
/** Compared without case, `-` and `_`. */
const SECRET_NAMES = [
  'accesstoken',
  'apikey',
  'authtoken',
  'clientsecret',
  'idtoken',
  'passwd',
  'password',
  'refreshtoken',
  'secret',
  'sessionid',
  'token',
];
/** In a query they grant access; in JSON they mean all sorts of things. */
const SECRET_PARAMS = ['key', 'sig', 'signature'];

/** Replaces secrets by `[secret]`, in fields, URLs and JSON. */
export class Redaction {
  readonly #fields: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #params: ReadonlySet<string>;

  constructor(options: RedactOptions = {}) {
    const fields = [...SECRET_FIELDS, ...(options.headers ?? [])];
    this.#fields = new Set(fields.map((name) => name.toLowerCase()));
    this.#names = new Set([...SECRET_NAMES, ...(options.names ?? [])].map(folded));
    this.#params = new Set([...this.#names, ...SECRET_PARAMS]);
  }

  fields(
    fields: Iterable<readonly [name: string, value: string]>,
  ): [name: string, value: string][] {
    return [...fields].map(([name, value]) => [name, this.#field(name.toLowerCase(), value)]);
  }

  url(href: string): string {
    const url = new URL(href);
    const names = [...url.searchParams.keys()].filter((name) => this.#params.has(folded(name)));
    if (names.length === 0) return href;
    for (const name of names) url.searchParams.set(name, REDACTED);
    return url.href;
  }

  /** Values of secret names, wherever they are in JSON; other text comes back as it is. */
  body(text: string, contentType: string): string {
    if (!/\bjson\b/i.test(contentType)) return text;
    try {
      const json: unknown = JSON.parse(text);
      return this.#hasSecret(json) ? JSON.stringify(json, this.#replacer) : text;
    } catch {
      // No JSON after all: there are no names in it.
      return text;
    }
  }

  /** The name and the attributes of a cookie stay: a replay sets it, with a value that opens nothing. */
  #field(name: string, value: string): string {
    if (!this.#fields.has(name)) return value;
    if (name === 'set-cookie') return value.replace(/^([^=;]*=)[^;]*/, `$1${REDACTED}`);
    const scheme = /^(basic|bearer|digest) /i.exec(value)?.[0] ?? '';
    return `${scheme}${REDACTED}`;
  }

  readonly #replacer = (name: string, value: unknown): unknown =>
    this.#isSecret(name) && typeof value !== 'object' ? REDACTED : value;

  #hasSecret(json: unknown): boolean {
    if (typeof json !== 'object' || json === null) return false;
    return Object.entries(json).some(
      ([name, value]) =>
        (this.#isSecret(name) && typeof value !== 'object') || this.#hasSecret(value),
    );
  }

  #isSecret(name: string): boolean {
    return this.#names.has(folded(name));
  }
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}
