import { FieldReader } from './field-reader.ts';
import { resolveUrl, type RequestUrl } from './request-url.ts';
import { InvalidUrlError } from '../errors.ts';

/** One link of a Link field. */
export interface ResponseLink {
  /** Absolute; as it was written where it is no http or https URL. */
  readonly url: string;
  /** Relation types in lower case, extension types as they are: `next`, `https://example.com/rel/author`. */
  readonly rel: readonly string[];
  /** All parameters but `rel`, names in lower case, the first of each; `title*` and its like decoded, under `title`. */
  readonly params: Readonly<Record<string, string>>;
}

/** The links that a response declares in its fields (RFC 8288), in order. */
export class ResponseLinks implements Iterable<ResponseLink> {
  readonly #links: readonly ResponseLink[];
  readonly #context: string;

  /** What cannot be read in `values` is stepped over; `context` is the URL of the response. */
  constructor(values: readonly string[], context: RequestUrl) {
    this.#links = values.flatMap((value) => new LinkReader(value, context).links());
    this.#context = context.href;
  }

  get size(): number {
    return this.#links.length;
  }

  /** The first link of that relation, in any letter case, or null. */
  get(rel: string): ResponseLink | null {
    return this.getAll(rel)[0] ?? null;
  }

  /** Links whose `anchor` is another resource are left out: they say nothing of this one (RFC 8288 §3.2). */
  getAll(rel: string): ResponseLink[] {
    const wanted = rel.toLowerCase();
    return this.#links.filter(
      ({ rel: types, params }) =>
        (params['anchor'] === undefined || params['anchor'] === this.#context) &&
        types.some((type) => type.toLowerCase() === wanted),
    );
  }

  [Symbol.iterator](): Iterator<ResponseLink> {
    return this.#links[Symbol.iterator]();
  }
}

const SEPARATORS = /[ \t,]*/y;
const PARAMETER = /[ \t]*;[ \t]*/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const NAME = /[^\s;,="<>]+/y;
const TOKEN = /[^\s;,"]*/y;
const TO_NEXT = /[^;,]*/y;

/** By RFC 8288 appendix B.2; linear in the length. */
class LinkReader {
  readonly #reader: FieldReader;
  readonly #context: RequestUrl;

  constructor(text: string, context: RequestUrl) {
    this.#reader = new FieldReader(text);
    this.#context = context;
  }

  links(): ResponseLink[] {
    const reader = this.#reader;
    const links: ResponseLink[] = [];
    for (;;) {
      reader.take(SEPARATORS);
      if (reader.isAtEnd) return links;
      const target = reader.isAt('<') ? reader.enclosed('>') : null;
      if (target === null) {
        // No target: its parameters are read all the same, so that a comma in quotes ends nothing.
        reader.take(TO_NEXT);
        this.#params();
        continue;
      }
      links.push(this.#linkTo(target, this.#params()));
    }
  }

  #linkTo(target: string, raw: ReadonlyMap<string, string>): ResponseLink {
    const params = Object.create(null) as Record<string, string>;
    for (const [name, value] of raw) {
      if (name === 'rel') continue;
      const decoded = name.endsWith('*') ? decodeExtended(value) : null;
      if (decoded !== null) params[name.slice(0, -1)] = decoded;
      else params[name] ??= value;
    }
    if (params['anchor'] !== undefined) params['anchor'] = this.#resolve(params['anchor']);
    const types = (raw.get('rel') ?? '').split(/\s+/).filter((type) => type !== '');
    const rel = types.map((type) => (type.includes(':') ? type : type.toLowerCase()));
    return { url: this.#resolve(target), rel, params };
  }

  #params(): Map<string, string> {
    const reader = this.#reader;
    const params = new Map<string, string>();
    for (;;) {
      if (reader.take(PARAMETER) === '') return params;
      const name = reader.take(NAME).toLowerCase();
      const value = reader.take(EQUALS) === '' ? '' : readValue(reader);
      if (name !== '' && !params.has(name)) params.set(name, value);
      reader.take(TO_NEXT);
    }
  }

  #resolve(reference: string): string {
    try {
      return resolveUrl(reference, this.#context).href;
    } catch (error) {
      if (error instanceof InvalidUrlError) return reference;
      throw error;
    }
  }
}

function readValue(reader: FieldReader): string {
  return reader.isAt('"') ? reader.quoted() : reader.take(TOKEN);
}

/** RFC 8187 §3.2: `UTF-8'en'%e2%82%ac`; null for what is none, or of another charset. */
function decodeExtended(value: string): string | null {
  const found = /^utf-8'[^']*'(.*)$/i.exec(value);
  if (found === null) return null;
  try {
    return decodeURIComponent(found[1]!);
  } catch {
    // Not UTF-8 behind the percent signs: the plain parameter stands.
    return null;
  }
}
