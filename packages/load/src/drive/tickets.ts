const REQUESTS = 0;
const ITERATIONS = 1;

/** Most requests or iterations a limited run may ask for: the shared counter is a 32-bit integer. */
export const MAX_TICKETS = 2_000_000_000;

/** Deals out the numbers of iterations, and ends a limited run exactly, however many workers draw from it. */
export class Tickets {
  readonly #shared: Int32Array;
  readonly #maxRequests: number;
  readonly #maxIterations: number;
  #nextOwn: number;
  readonly #stride: number;
  #requestsExhausted = false;
  #iterationsExhausted = false;

  static createShared(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  }

  /** How many numbers of iterations all workers have drawn from a limited supply, refused draws left out. */
  static iterationsTaken(shared: SharedArrayBuffer): number {
    return Atomics.load(new Int32Array(shared), ITERATIONS);
  }

  constructor(
    shared: SharedArrayBuffer,
    limits: { readonly maxRequests: number | null; readonly maxIterations: number | null },
    worker: number,
    workers: number,
  ) {
    this.#shared = new Int32Array(shared);
    this.#maxRequests = limits.maxRequests ?? Infinity;
    this.#maxIterations = limits.maxIterations ?? Infinity;
    this.#nextOwn = worker;
    this.#stride = workers;
  }

  /** True once a request has been refused: none may be begun any more. */
  get requestsExhausted(): boolean {
    return this.#requestsExhausted;
  }

  /** True once an iteration has been refused: those that are under way go on to their end. */
  get iterationsExhausted(): boolean {
    return this.#iterationsExhausted;
  }

  /** Whether one more request may be begun. */
  takeRequest(): boolean {
    if (this.#maxRequests === Infinity) return true;
    if (Atomics.load(this.#shared, REQUESTS) < this.#maxRequests) {
      if (Atomics.add(this.#shared, REQUESTS, 1) < this.#maxRequests) return true;
    }
    this.#requestsExhausted = true;
    return false;
  }

  /** The number of the next iteration, unique among all workers; -1 when there are no more. */
  takeIteration(): number {
    if (this.#maxIterations === Infinity) {
      const own = this.#nextOwn;
      this.#nextOwn += this.#stride;
      return own;
    }
    if (Atomics.load(this.#shared, ITERATIONS) < this.#maxIterations) {
      const taken = Atomics.add(this.#shared, ITERATIONS, 1);
      if (taken < this.#maxIterations) return taken;
    }
    this.#iterationsExhausted = true;
    return -1;
  }
}
