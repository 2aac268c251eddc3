import { hash32 } from '@needletail/stats';

const TWO_TO_32 = 4_294_967_296;
const TWO_TO_21 = 2_097_152;

/**
 * Random numbers of one iteration: they depend on the seed of the run, the stream and the iteration, so that a run can be
 * repeated with any number of workers. Costs nothing before the first draw.
 */
export class IterationRandom {
  readonly #seed: number;
  #iteration = 0;
  #state = -1;
  #drawn = 0;

  constructor(seed: number, stream: number) {
    this.#seed = hash32(seed, stream) * TWO_TO_21 + (hash32(seed, ~stream) >>> 11);
  }

  /** Begins anew, with the numbers of `iteration`. */
  begin(iteration: number): void {
    this.#iteration = iteration;
    this.#state = -1;
    this.#drawn = 0;
  }

  /** From 0 to 1, without 1. */
  next(): number {
    if (this.#state === -1) {
      const low = hash32(this.#seed, this.#iteration);
      this.#state = hash32(low, this.#iteration) * TWO_TO_21 + (low >>> 11);
    }
    this.#drawn += 1;
    return hash32(this.#state, this.#drawn) / TWO_TO_32;
  }
}
