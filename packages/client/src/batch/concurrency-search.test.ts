import { describe, expect, it } from 'vitest';
import { ConcurrencySearch } from './concurrency-search.ts';

interface Target {
  /** How many requests it works on at once; the others wait in line. */
  capacity: number;
  /** Of one request, in milliseconds. */
  readonly serviceMs: () => number;
  /** More in flight than this are turned away at once. */
  refusesAbove: number;
}

/** A closed loop against a simulated target: always as many in flight as the search allows. */
class Simulation {
  readonly search = new ConcurrencySearch();
  readonly target: Target;
  #nowMs = 0;
  #waiting: number[] = [];
  #serving: { readonly startedMs: number; readonly endsMs: number; readonly isRefused: boolean }[] =
    [];
  #busy = 0;

  constructor(target: Partial<Target>) {
    this.target = { capacity: 10, serviceMs: () => 20, refusesAbove: Infinity, ...target };
  }

  run(items: number): this {
    for (let ended = 0; ended < items; ended += 1) {
      while (this.#inFlight() < this.search.limit) this.#send();
      this.#endNext();
    }
    return this;
  }

  /** The mean of the limit over so many more items: a probe lowers it for a moment. */
  meanLimitOver(items: number): number {
    let sum = 0;
    for (let item = 0; item < items; item += 1) sum += this.run(1).search.limit;
    return sum / items;
  }

  #inFlight(): number {
    return this.#waiting.length + this.#serving.length;
  }

  #send(): void {
    if (this.#inFlight() >= this.target.refusesAbove) {
      this.#serving.push({ startedMs: this.#nowMs, endsMs: this.#nowMs + 1, isRefused: true });
      return;
    }
    this.#waiting.push(this.#nowMs);
    this.#serve();
  }

  #serve(): void {
    while (this.#busy < this.target.capacity && this.#waiting.length > 0) {
      this.#busy += 1;
      const startedMs = this.#waiting.shift()!;
      const endsMs = this.#nowMs + this.target.serviceMs();
      this.#serving.push({ startedMs, endsMs, isRefused: false });
    }
  }

  #endNext(): void {
    let next = 0;
    for (let index = 1; index < this.#serving.length; index += 1) {
      if (this.#serving[index]!.endsMs < this.#serving[next]!.endsMs) next = index;
    }
    const [ended] = this.#serving.splice(next, 1);
    this.#nowMs = ended!.endsMs;
    if (!ended!.isRefused) this.#busy -= 1;
    this.#serve();
    this.search.record(ended!.startedMs, this.#nowMs, ended!.isRefused);
  }
}

/** Numerical Recipes' generator: the same numbers on every machine. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

function exponential(meanMs: number, seed: number): () => number {
  const draw = seeded(seed);
  return () => -meanMs * Math.log(draw());
}

describe('ConcurrencySearch', () => {
  it('starts with one in flight', () => {
    expect(new ConcurrencySearch().limit).toBe(1);
  });

  it.each([1, 2, 3, 5, 10, 24, 40, 100, 200])(
    'finds the knee of a steady target at %i',
    (capacity) => {
      const limit = new Simulation({ capacity }).run(20_000).meanLimitOver(30_000);
      expect(limit).toBeGreaterThanOrEqual(capacity * 0.7);
      expect(limit).toBeLessThanOrEqual(Math.max(capacity * 1.3, capacity + 1));
    },
  );

  it.each([4, 10, 40, 100])('finds the knee of a target whose work varies at %i', (capacity) => {
    const limits = Array.from({ length: 10 }, (_, index) => {
      const serviceMs = exponential(20, index + 1);
      return new Simulation({ capacity, serviceMs }).run(20_000).meanLimitOver(20_000);
    });
    const mean = limits.reduce((sum, limit) => sum + limit) / limits.length;
    expect(mean).toBeGreaterThanOrEqual(capacity * 0.7);
    expect(mean).toBeLessThanOrEqual(capacity * 1.3);
  });

  it('stays within its bounds where the target never gets busy', () => {
    const simulation = new Simulation({ capacity: 10_000 }).run(40_000);
    const limit = simulation.meanLimitOver(20_000);
    expect(limit).toBeGreaterThan(220);
    expect(limit).toBeLessThanOrEqual(256);
  });

  it('takes bounds of the caller', () => {
    const search = new ConcurrencySearch({ least: 4, most: 8 });
    expect(search.limit).toBe(4);
    for (let item = 0; item < 5_000; item += 1) {
      search.record(item * 10, item * 10 + 10 * search.limit, false);
      expect(search.limit).toBeLessThanOrEqual(8);
    }
  });

  it('stays below what the target refuses', () => {
    const simulation = new Simulation({ capacity: 50, refusesAbove: 20 });
    const mean = simulation.run(20_000).meanLimitOver(20_000);
    expect(mean).toBeGreaterThanOrEqual(12);
    expect(mean).toBeLessThanOrEqual(21);
  });

  it('backs off when the target loses half of its capacity', () => {
    const simulation = new Simulation({ capacity: 40 }).run(40_000);
    simulation.target.capacity = 20;
    const limit = simulation.run(40_000).meanLimitOver(20_000);
    expect(limit).toBeGreaterThanOrEqual(14);
    expect(limit).toBeLessThanOrEqual(26);
  });

  it('climbs when the target gains capacity', () => {
    const simulation = new Simulation({ capacity: 20 }).run(40_000);
    simulation.target.capacity = 60;
    const limit = simulation.run(100_000).meanLimitOver(20_000);
    expect(limit).toBeGreaterThanOrEqual(42);
    expect(limit).toBeLessThanOrEqual(78);
  });

  it('does not give up concurrency because the target as a whole became slower', () => {
    let serviceMs = 20;
    const simulation = new Simulation({ capacity: 40, serviceMs: () => serviceMs }).run(40_000);
    serviceMs = 60;
    const limit = simulation.run(60_000).meanLimitOver(20_000);
    expect(limit).toBeGreaterThanOrEqual(28);
    expect(limit).toBeLessThanOrEqual(52);
  });
});
