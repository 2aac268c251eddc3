// Hot where middleware sets fields: one array for each answer that has any. A block is encoded once, and only joined here.
// Guarded by bench/src/server-frameworks.ts.
import { encodeFields } from '@needletail/wire';
import { vouch } from '../listen/vouched-head.ts';

/** Field lines that are the same in many answers: checked and encoded once. */
export interface FieldBlock {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** `Name: value\r\n` each. */
  readonly lines: string;
  /** In lower case. */
  readonly names: ReadonlySet<string>;
}

/** Throws an `EncodeError` for a name or a value that no head may hold. */
export function fieldBlock(fields: Iterable<readonly [name: string, value: string]>): FieldBlock {
  const list = [...fields];
  const names = new Set(list.map(([name]) => name.toLowerCase()));
  return Object.freeze({ fields: list, lines: encodeFields(list), names });
}

/**
 * The fields of an answer that is being made. Names match in any letter case; what is set is checked when it is sent, by
 * `encode` (header injection, RFC 9110 §5.5).
 */
export class HeadFields implements Iterable<readonly [name: string, value: string]> {
  #block: FieldBlock | null = null;
  /** Behind the first; most answers have none. */
  #otherBlocks: FieldBlock[] | null = null;
  #pairs: (readonly [name: string, value: string])[] = [];

  constructor(fields?: Iterable<readonly [name: string, value: string]>) {
    if (fields !== undefined) for (const [name, value] of fields) this.append(name, value);
  }

  /** The first value, or null. */
  get(name: string): string | null {
    const wanted = name.toLowerCase();
    if (this.#isInBlock(wanted)) {
      for (const [own, value] of this.#blockFields()) {
        if (own.toLowerCase() === wanted) return value;
      }
    }
    for (const [own, value] of this.#pairs) if (isNamed(own, wanted)) return value;
    return null;
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase();
    return this.#isInBlock(wanted) || this.#isInPairs(wanted);
  }

  /** Takes the place of every field of that name. */
  set(name: string, value: string): void {
    this.delete(name);
    this.#pairs.push([name, value]);
  }

  /** One more line: Set-Cookie, Link, Vary. */
  append(name: string, value: string): void {
    this.#pairs.push([name, value]);
  }

  delete(name: string): void {
    const wanted = name.toLowerCase();
    if (this.#isInBlock(wanted)) {
      this.#pairs.unshift(...this.#blockFields());
      this.#block = null;
      this.#otherBlocks = null;
    }
    if (this.#isInPairs(wanted)) {
      this.#pairs = this.#pairs.filter(([own]) => !isNamed(own, wanted));
    }
  }

  /** Adds a member to a list such as Vary, once; `*` stays alone. */
  addToList(name: string, member: string): void {
    const now = this.get(name);
    if (now === null) return this.append(name, member);
    const members = now.split(',').map((each) => each.trim().toLowerCase());
    if (members.includes('*') || members.includes(member.toLowerCase())) return;
    this.set(name, `${now}, ${member}`);
  }

  /** The lines of `block`, in place of others of those names; where there are none it costs nothing more than joining them. */
  addBlock(block: FieldBlock): void {
    for (const [name] of this.#pairs) {
      if (block.names.has(name.toLowerCase())) return this.#setEach(block);
    }
    if (this.#block === null) this.#block = block;
    else if (block.fields.some(([name]) => this.#isInBlock(name.toLowerCase()))) {
      this.#setEach(block);
    } else (this.#otherBlocks ??= []).push(block);
  }

  /** `Name: value\r\n` each; throws an `EncodeError` for what no head may hold. */
  encode(): string {
    const head = this.#lines();
    // Of the names that are the backend's, `encodeFields` refuses all but this one.
    if (!this.has('date')) vouch(head);
    return head;
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string], undefined> {
    yield* this.#blockFields();
    yield* this.#pairs;
  }

  #lines(): string {
    const lines = this.#pairs.length === 0 ? '' : encodeFields(this.#pairs);
    if (this.#block === null) return lines;
    if (this.#otherBlocks === null) return this.#block.lines + lines;
    return this.#block.lines + this.#otherBlocks.map((each) => each.lines).join('') + lines;
  }

  #isInBlock(wanted: string): boolean {
    if (this.#block === null) return false;
    if (this.#block.names.has(wanted)) return true;
    return this.#otherBlocks !== null && this.#otherBlocks.some((each) => each.names.has(wanted));
  }

  #isInPairs(wanted: string): boolean {
    for (const [own] of this.#pairs) if (isNamed(own, wanted)) return true;
    return false;
  }

  #blockFields(): readonly (readonly [name: string, value: string])[] {
    if (this.#block === null) return [];
    const { fields } = this.#block;
    return this.#otherBlocks === null
      ? fields
      : [...fields, ...this.#otherBlocks.flatMap((each) => each.fields)];
  }

  #setEach(block: FieldBlock): void {
    for (const name of block.names) this.delete(name);
    this.#pairs.push(...block.fields);
  }
}

/** `wanted` is in lower case; names of another length need not be. */
function isNamed(own: string, wanted: string): boolean {
  return own.length === wanted.length && (own === wanted || own.toLowerCase() === wanted);
}
