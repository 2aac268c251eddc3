import { FieldMap } from '@needletail/wire';
import type { FieldPairs } from './carrier.ts';

const MOST_KNOWN_HEADS = 256;
const LONGEST_KNOWN_HEAD = 1024;

/** Takes heads that were checked apart, once for each that is used again. */
export class FieldPairCache {
  readonly #known = new Map<string, FieldPairs>();

  pairsOf(head: string): FieldPairs {
    const known = this.#known.get(head);
    if (known !== undefined) return known;
    const pairs = [...new FieldMap(head)];
    if (head.length > LONGEST_KNOWN_HEAD) return pairs;
    // Heads that are made anew for each answer must not fill the memory.
    if (this.#known.size === MOST_KNOWN_HEADS) this.#known.clear();
    this.#known.set(head, pairs);
    return pairs;
  }
}
