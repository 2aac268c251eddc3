type Result = IteratorResult<string | Buffer, undefined>;

interface Waiting {
  readonly message: string | Buffer;
  /** Tells the inbox that the message was taken, so that it can go on. */
  readonly taken: () => void;
}

/** Messages for a loop that pulls; each counts as being handled until it is taken, which holds the client back. */
export class MessageStream implements AsyncIterator<string | Buffer, undefined> {
  #waiting: Waiting[] = [];
  #readers: ((result: Result) => void)[] = [];
  #isEnded = false;

  /** Settles when somebody has taken the message. */
  push(message: string | Buffer): Promise<void> | undefined {
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: message });
      return undefined;
    }
    return new Promise((taken) => this.#waiting.push({ message, taken }));
  }

  next(): Promise<Result> {
    const first = this.#waiting.shift();
    if (first !== undefined) {
      first.taken();
      return Promise.resolve({ done: false, value: first.message });
    }
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** No more will come; what waits is still read. */
  end(): void {
    this.#isEnded = true;
    for (const { taken } of this.#waiting) taken();
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }
}
