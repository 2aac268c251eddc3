const FIRST_CAPACITY = 64;

/** Requests that are due but unsent, first come first served; a ring that doubles when it is full. */
export class WaitingLine {
  #dueAt = new Float64Array(FIRST_CAPACITY);
  #number = new Float64Array(FIRST_CAPACITY);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get firstDueAt(): number {
    return this.#dueAt[this.#first]!;
  }

  get firstNumber(): number {
    return this.#number[this.#first]!;
  }

  push(dueAt: number, number: number): void {
    if (this.#size === this.#dueAt.length) this.#grow();
    const place = (this.#first + this.#size) & (this.#dueAt.length - 1);
    this.#dueAt[place] = dueAt;
    this.#number[place] = number;
    this.#size += 1;
  }

  shift(): void {
    this.#first = (this.#first + 1) & (this.#dueAt.length - 1);
    this.#size -= 1;
  }

  /** Lets all of them be due so much later. */
  postpone(delayMs: number): void {
    for (let behind = 0; behind < this.#size; behind += 1) {
      this.#dueAt[(this.#first + behind) & (this.#dueAt.length - 1)]! += delayMs;
    }
  }

  #grow(): void {
    this.#dueAt = unrolled(this.#dueAt, this.#first);
    this.#number = unrolled(this.#number, this.#first);
    this.#first = 0;
  }
}

/** The same ring at twice the size, beginning at place 0. */
function unrolled(ring: Float64Array, first: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(ring.length * 2);
  larger.set(ring.subarray(first));
  larger.set(ring.subarray(0, first), ring.length - first);
  return larger;
}
