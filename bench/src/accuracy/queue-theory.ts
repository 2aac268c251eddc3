import { Rng } from '@needletail/stats';
import { createDelaySampler } from '@needletail/testkit/delay-distribution';
import type { DelayDistribution } from '@needletail/testkit/delay-distribution';
import { rankOf } from './sample-statistics.ts';

/** A queue with Poisson arrivals and one server; times in milliseconds, the rate per second. */
export interface Queue {
  readonly kind: 'M/M/1' | 'M/D/1';
  readonly serviceMs: number;
  readonly utilisation: number;
}

export function ratePerSecond({ serviceMs, utilisation }: Queue): number {
  return (utilisation * 1000) / serviceMs;
}

export function serviceOf({ kind, serviceMs }: Queue): DelayDistribution {
  return kind === 'M/M/1'
    ? { kind: 'exponential', meanMs: serviceMs }
    : { kind: 'constant', delayMs: serviceMs };
}

/** Quantile of the time in the system, waiting and service, that theory gives. */
export function sojournQuantileMs(queue: Queue, q: number): number {
  const { kind, serviceMs, utilisation } = queue;
  if (kind === 'M/M/1') return (-Math.log(1 - q) * serviceMs) / (1 - utilisation);
  let low = 0;
  let high = 1000;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (waitDistribution(middle, utilisation) < q) low = middle;
    else high = middle;
  }
  return (low + 1) * serviceMs;
}

/** Mean of the time in the system (Pollaczek and Khinchine). */
export function sojournMeanMs({ kind, serviceMs, utilisation }: Queue): number {
  const variability = kind === 'M/M/1' ? 1 : 0.5;
  return serviceMs * (1 + (variability * utilisation) / (1 - utilisation));
}

/** Share of M/D/1 waits of at most `t` services (Erlang 1909; the alternating sum is exact enough up to some 30 of them). */
function waitDistribution(t: number, utilisation: number): number {
  if (t > 40) return 1;
  let sum = 0;
  for (let k = 0; k <= Math.floor(t); k += 1) {
    const x = utilisation * (k - t);
    let term = Math.exp(-x);
    for (let factor = 1; factor <= k; factor += 1) term *= x / factor;
    sum += term;
  }
  return (1 - utilisation) * sum;
}

/** What each request of one seeded path through the queue must see: Lindley's recursion on its own arrivals and services. */
export function samplePathMs(queue: Queue, seed: number, seconds: number): Float64Array {
  // The very numbers that the schedule and the oracle draw for this seed.
  const gaps = new Rng(seed).fork('arrivals');
  const draw = createDelaySampler(serviceOf(queue), seed);
  const gapMs = 1000 / ratePerSecond(queue);
  const sojourns: number[] = [];
  let freeAtMs = 0;
  for (
    let dueMs = gaps.exponential(1) * gapMs;
    dueMs < seconds * 1000;
    dueMs += gaps.exponential(1) * gapMs
  ) {
    freeAtMs = Math.max(dueMs, freeAtMs) + draw();
    sojourns.push(freeAtMs - dueMs);
  }
  return Float64Array.from(sojourns).toSorted();
}

/**
 * The seed among the first `tried` whose exact path comes closest to theory at the median and p99. A queue near
 * saturation needs hours to converge; choosing a typical path, before anything is measured, makes a short run do.
 */
export function typicalSeed(queue: Queue, seconds: number, tried: number): number {
  let best = { seed: 1, distance: Infinity };
  for (let seed = 1; seed <= tried; seed += 1) {
    const path = samplePathMs(queue, seed, seconds);
    const distance = Math.max(
      ...[0.5, 0.99].map((q) => Math.abs(rankOf(path, q) / sojournQuantileMs(queue, q) - 1)),
    );
    if (distance < best.distance) best = { seed, distance };
  }
  return best.seed;
}
