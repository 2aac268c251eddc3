import type { Finding } from './found-file.ts';

/** A site of more paths than this looks some of them up again. */
const MOST_FINDS = 4096;

/** What was found of late, also that there was nothing. */
export class RememberedFinds {
  readonly #checkMs: number;
  readonly #finds = new Map<string, { readonly finding: Finding; readonly untilMs: number }>();

  /** 0 remembers nothing. */
  constructor(checkMs: number) {
    this.#checkMs = checkMs;
  }

  get(key: string, find: () => Promise<Finding>): Finding | Promise<Finding> {
    if (this.#checkMs === 0) return find();
    const known = this.#finds.get(key);
    if (known !== undefined && known.untilMs > performance.now()) return known.finding;
    return find().then((finding) => {
      if (this.#finds.size >= MOST_FINDS) this.#finds.clear();
      this.#finds.set(key, { finding, untilMs: performance.now() + this.#checkMs });
      return finding;
    });
  }
}
