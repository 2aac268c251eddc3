/** Takes bytes in amounts of the reader's choice from chunks of the source's choice. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** `sizeBytes`, or fewer where the source ends before. */
  async take(sizeBytes: number): Promise<Buffer> {
    if (this.#chunk.length < sizeBytes) await this.#fill(sizeBytes);
    const taken = this.#chunk.subarray(0, sizeBytes);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken;
  }

  /** What is at hand, else the next chunk; null at the end. */
  async chunk(): Promise<Buffer | null> {
    if (this.#chunk.length === 0) await this.#fill(1);
    const chunk = this.#chunk;
    this.#chunk = Buffer.alloc(0);
    return chunk.length === 0 ? null : chunk;
  }

  /** Puts `bytes` back in front. */
  giveBack(bytes: Buffer): void {
    this.#chunk = this.#chunk.length === 0 ? bytes : Buffer.concat([bytes, this.#chunk]);
  }

  /** Everything that is left. */
  async *rest(): AsyncGenerator<Buffer, undefined> {
    for (let chunk = await this.chunk(); chunk !== null; chunk = await this.chunk()) yield chunk;
  }

  async #fill(sizeBytes: number): Promise<void> {
    const chunks = [this.#chunk];
    let length = this.#chunk.length;
    while (length < sizeBytes) {
      const step = await this.#source.next();
      if (step.done === true) break;
      chunks.push(step.value);
      length += step.value.length;
    }
    this.#chunk = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length);
  }
}
