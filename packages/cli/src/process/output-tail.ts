const mostBytes = 64 * 1024;
const mostLines = 20;

/** Keeps the last of what a process wrote, in bounded memory however much that was. */
export class OutputTail {
  #chunks: Buffer[] = [];
  #sizeBytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    while (this.#sizeBytes - this.#chunks[0].length >= mostBytes) {
      this.#sizeBytes -= (this.#chunks.shift() as Buffer).length;
    }
  }

  /** The last twenty lines at most, without the newline at the end. */
  get text(): string {
    const lines = Buffer.concat(this.#chunks).toString('utf8').trimEnd().split('\n');
    return lines.slice(-mostLines).join('\n');
  }
}
