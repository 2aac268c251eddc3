import type { FieldBlock } from '../reply/head-fields.ts';

/** An answer as it can be given again. */
export interface KeptAnswer {
  readonly status: number;
  readonly block: FieldBlock;
  readonly body: string | Uint8Array | null;
  readonly untilMs: number;
  readonly sizeBytes: number;
}

/** Answers by key, those asked for last, up to a number of bytes. */
export class ReplyCache {
  readonly #maxBytes: number;
  readonly #answers = new Map<string, KeptAnswer>();
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get(key: string, nowMs: number): KeptAnswer | null {
    const kept = this.#answers.get(key);
    if (kept === undefined) return null;
    this.#answers.delete(key);
    if (kept.untilMs <= nowMs) {
      this.#sizeBytes -= kept.sizeBytes;
      return null;
    }
    this.#answers.set(key, kept);
    return kept;
  }

  set(key: string, kept: KeptAnswer): void {
    this.#drop(key);
    if (kept.sizeBytes > this.#maxBytes) return;
    this.#answers.set(key, kept);
    this.#sizeBytes += kept.sizeBytes;
    for (const oldest of this.#answers.keys()) {
      if (this.#sizeBytes <= this.#maxBytes) return;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#answers.clear();
    this.#sizeBytes = 0;
  }

  #drop(key: string): void {
    const kept = this.#answers.get(key);
    if (kept === undefined) return;
    this.#answers.delete(key);
    this.#sizeBytes -= kept.sizeBytes;
  }
}
