// Hot where middleware sets fields: one array for each answer that has any. A block is encoded once, and only joined here.
// Guarded by bench/src/server-frameworks.ts.
import { encodeFields } from '@needletail/wire';

/** Field lines that are the same in many answers: checked and encoded once. */
export interface FieldBlock {
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** `Name: value\r\n` each. */
  readonly lines: string;
}

/** Throws an `EncodeError` for a name or a value that no head may hold. */
export function fieldBlock(fields: Iterable<readonly [name: string, value: string]>): FieldBlock {
  const list = [...fields];
  return Object.freeze({ fields: list, lines: encodeFields(list) });
}

/**
 * The fields of an answer that is being made. Names match in any letter case; what is set is checked when it is sent, by
 * `encode` (header injection, RFC 9110 §5.5).
 */
export class HeadFields implements Iterable<readonly [name: string, value: string]> {
  #block: FieldBlock | null = null;
  #pairs: (readonly [name: string, value: string])[] = [];

  constructor(fields?: Iterable<readonly [name: string, value: string]>) {
    if (fields !== undefined) for (const [name, value] of fields) this.append(name, value);
  }

  /** The first value, or null. */
  get(name: string): string | null {
    const wanted = name.toLowerCase();
    for (const [own, value] of this) if (own.toLowerCase() === wanted) return value;
    return null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
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
    const block = this.#block;
    if (block !== null && block.fields.some(([own]) => own.toLowerCase() === wanted)) {
      this.#pairs.unshift(...block.fields);
      this.#block = null;
    }
    if (this.#pairs.some(([own]) => own.toLowerCase() === wanted)) {
      this.#pairs = this.#pairs.filter(([own]) => own.toLowerCase() !== wanted);
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

  /** The lines of `block`, which costs nothing more than joining them. */
  addBlock(block: FieldBlock): void {
    if (this.#block === null && this.#pairs.length === 0) this.#block = block;
    else for (const [name, value] of block.fields) this.set(name, value);
  }

  /** `Name: value\r\n` each; throws an `EncodeError` for what no head may hold. */
  encode(): string {
    const lines = this.#pairs.length === 0 ? '' : encodeFields(this.#pairs);
    return this.#block === null ? lines : this.#block.lines + lines;
  }

  *[Symbol.iterator](): Generator<readonly [name: string, value: string], undefined> {
    if (this.#block !== null) yield* this.#block.fields;
    yield* this.#pairs;
  }
}
