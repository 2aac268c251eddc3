import { hash32 } from '@needletail/stats';

const TWO_TO_32 = 4_294_967_296;

/** What is chosen from. */
export interface Choices {
  readonly requests: readonly { readonly weight: number }[];
  readonly order: 'sequence' | 'weighted';
  readonly seed: number;
}

/**
 * Which of the plan's requests is the `n`-th of the run: in turn, or drawn by weight from the seed and the number
 * alone, so that the mix does not depend on how many workers share the run.
 */
export class RequestChoice {
  readonly count: number;
  readonly inTurn: boolean;
  readonly #seed: number;
  /** Running sums of the weights, scaled to end at 1. */
  readonly #upTo: Float64Array;

  constructor(plan: Choices) {
    this.count = plan.requests.length;
    this.inTurn = plan.order === 'sequence';
    this.#seed = plan.seed;
    this.#upTo = new Float64Array(this.count);
    const total = plan.requests.reduce((sum, request) => sum + request.weight, 0);
    let sum = 0;
    plan.requests.forEach((request, index) => {
      sum += request.weight;
      this.#upTo[index] = sum / total;
    });
  }

  endpointOf(n: number): number {
    if (this.count === 1) return 0;
    if (this.inTurn) return n % this.count;
    const draw = hash32(this.#seed, n) / TWO_TO_32;
    let index = 0;
    while (index < this.count - 1 && draw >= this.#upTo[index]!) index += 1;
    return index;
  }

  iterationOf(n: number): number {
    return this.inTurn ? Math.floor(n / this.count) : n;
  }
}
