// Hot: push and shift run once per request and allocate nothing in the steady state.

const COMPACT_ABOVE = 32;

/** First come, first served, with leaving early: who leaves is skipped when its turn comes. */
export class WaitingLine<Item extends { isWaiting: boolean }> {
  #items: Item[] = [];
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    item.isWaiting = true;
    this.#items.push(item);
    this.#length += 1;
  }

  /** The one who has waited longest, still in line. */
  peek(): Item | undefined {
    const items = this.#items;
    while (this.#head < items.length && !items[this.#head]!.isWaiting) this.#head += 1;
    if (this.#head === items.length && this.#head > 0) {
      items.length = 0;
      this.#head = 0;
    }
    return items[this.#head];
  }

  shift(): Item | undefined {
    const item = this.peek();
    if (item !== undefined) this.remove(item);
    return item;
  }

  /** Does nothing for one who is not in line. */
  remove(item: Item): void {
    if (!item.isWaiting) return;
    item.isWaiting = false;
    this.#length -= 1;
    const spent = this.#items.length - this.#length;
    if (spent > COMPACT_ABOVE && spent > this.#length) {
      this.#items = this.#items.filter((one) => one.isWaiting);
      this.#head = 0;
    }
  }

  /** Those in line, oldest first; who leaves meanwhile is passed over. */
  *[Symbol.iterator](): Generator<Item, undefined> {
    const items = this.#items;
    for (let at = this.#head; at < items.length; at += 1) {
      if (items[at]!.isWaiting) yield items[at]!;
    }
  }
}
