// Allocates nothing for reads. Shared between requests until one of them changes it: `copy` first.
import type { FieldInput, FieldValue } from '@needletail/wire';
import { makeInspectable } from './inspectable.ts';
import { invalidOption } from './invalid-option.ts';

/** Header fields as they may be given: pairs, a Map, a `Headers`, another list, or an object. */
export type HeadersInput =
  | Iterable<readonly [name: string, value: FieldValue]>
  | Readonly<Record<string, FieldValue | null | undefined>>;

/**
 * The fields of a request, in the order in which they will be sent and in the letter case they were given in. Names match
 * in any case; a name may occur many times. Values are checked when they are sent, not here.
 */
export class HeaderList implements Iterable<[name: string, value: FieldValue]> {
  /** Name, lower-case name and value in turn. */
  #items: (string | FieldValue)[] = [];

  /** In an object, null and undefined values are left out. */
  constructor(input?: HeadersInput) {
    if (input !== undefined) this.appendAll(input);
  }

  get size(): number {
    return this.#items.length / 3;
  }

  /** The first value, or null. */
  get(name: string): string | null {
    const at = this.#find(name.toLowerCase(), 0);
    return at === -1 ? null : firstOf(this.#items[at + 2] as FieldValue);
  }

  getAll(name: string): string[] {
    const key = name.toLowerCase();
    const values: string[] = [];
    for (let at = this.#find(key, 0); at !== -1; at = this.#find(key, at + 3)) {
      const value = this.#items[at + 2] as FieldValue;
      if (Array.isArray(value)) values.push(...(value as readonly string[]));
      else values.push(`${value as string}`);
    }
    return values;
  }

  has(name: string): boolean {
    return this.#find(name.toLowerCase(), 0) !== -1;
  }

  append(name: string, value: FieldValue): void {
    this.#items.push(name, name.toLowerCase(), value);
  }

  /** Replaces every value of the name by this one, at the place of the first. */
  set(name: string, value: FieldValue): void {
    const key = name.toLowerCase();
    const first = this.#find(key, 0);
    if (first === -1) {
      this.append(name, value);
      return;
    }
    this.#items[first] = name;
    this.#items[first + 2] = value;
    for (let at = this.#find(key, first + 3); at !== -1; at = this.#find(key, at)) {
      this.#items.splice(at, 3);
    }
  }

  /** Whether there was one. */
  delete(name: string): boolean {
    const key = name.toLowerCase();
    const before = this.#items.length;
    for (let at = this.#find(key, 0); at !== -1; at = this.#find(key, at)) {
      this.#items.splice(at, 3);
    }
    return this.#items.length < before;
  }

  appendAll(input: HeadersInput): void {
    if (isIterable(input)) {
      for (const pair of input) {
        const [name, value] = checkedPair(pair);
        this.append(name, value);
      }
      return;
    }
    for (const [name, value] of Object.entries(input)) {
      if (value !== null && value !== undefined) this.append(name, value);
    }
  }

  /** Each name in `input` replaces what was there under it; repeated names in `input` stay repeated. Null deletes. */
  override(input: HeadersInput): void {
    const given = new HeaderList(isIterable(input) ? input : undefined);
    if (!isIterable(input)) {
      for (const [name, value] of Object.entries(input)) {
        if (value === null) this.delete(name);
        else if (value !== undefined) given.append(name, value);
      }
    }
    const seen = new Set<string>();
    for (const [name, value] of given) {
      const key = name.toLowerCase();
      if (seen.has(key)) this.append(name, value);
      else this.set(name, value);
      seen.add(key);
    }
  }

  copy(): HeaderList {
    const copy = new HeaderList();
    copy.#items = this.#items.slice();
    return copy;
  }

  /** Pairs in order, names as given. */
  *[Symbol.iterator](): Generator<[name: string, value: FieldValue], undefined> {
    for (let at = 0; at < this.#items.length; at += 3) {
      yield [this.#items[at] as string, this.#items[at + 2] as FieldValue];
    }
  }

  /** Hides what grants access, for logs: authorization, proxy-authorization and cookie become `[secret]`. */
  toJSON(): [name: string, value: string][] {
    return [...this].map(([name, value]) => [
      name,
      isSecret(name) ? '[secret]' : `${value as string}`,
    ]);
  }

  #find(key: string, from: number): number {
    for (let at = from; at < this.#items.length; at += 3) {
      if (this.#items[at + 1] === key) return at;
    }
    return -1;
  }
}

makeInspectable(HeaderList, (list) => list.toJSON());

const SECRETS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
]);

function isSecret(name: string): boolean {
  return SECRETS.has(name.toLowerCase());
}

/** A string is iterable too, and would be taken apart into characters. */
function checkedPair(pair: readonly [string, FieldValue]): readonly [string, FieldValue] {
  const given: unknown = pair;
  if (typeof given === 'object' && given !== null && Symbol.iterator in given) {
    const [name] = pair;
    if (typeof name === 'string') return pair;
  }
  throw invalidOption('headers', pair, 'is no pair of a name and a value', 'Give [name, value]');
}

function isIterable(input: HeadersInput): input is FieldInput {
  if (typeof input !== 'object' || input === null) {
    throw invalidOption(
      'headers',
      input,
      'is no list of fields',
      'Give an object, pairs or Headers',
    );
  }
  return Symbol.iterator in input;
}

function firstOf(value: FieldValue): string {
  return Array.isArray(value) ? ((value as readonly string[])[0] ?? '') : `${value as string}`;
}
