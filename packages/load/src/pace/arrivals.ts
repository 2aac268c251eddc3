import { Rng } from '@needletail/stats';
import type { ArrivalPacer } from './pacer.ts';
import type { RateCurve } from './rate-curve.ts';

/** Part of a request by which a sum of rates may miss the whole number it stands for. */
const ROUNDING = 1e-12;

/** Evenly spaced: request `n` is due when `n` have been expected; at a constant rate every `1/R` seconds exactly. */
export function evenArrivals(curve: RateCurve, maxRequests: number | null): ArrivalPacer {
  const expected = curve.expected;
  const slack = Math.max(1e-9, expected * ROUNDING);
  const scheduled = expected === Infinity ? Infinity : Math.max(0, Math.ceil(expected - slack));
  const total = Math.min(scheduled, maxRequests ?? Infinity);
  return {
    model: 'open',
    dueMs: (n) => (n < total ? curve.timeOfMs(n) : Infinity),
    rateAt: (elapsedMs) => curve.rateAt(elapsedMs),
    endMs: curve.endMs,
    total: total === Infinity ? null : total,
  };
}

/**
 * A Poisson process: gaps are exponential, as from many users who know nothing of each other. A rate that varies is
 * had by stretching time (Lewis and Shedler 1979; Çinlar 1975, the inverse of the integrated rate). The same seed
 * gives the same arrivals, whichever worker asks.
 */
export function poissonArrivals(
  curve: RateCurve,
  maxRequests: number | null,
  seed: number,
): ArrivalPacer {
  const limit = maxRequests ?? Infinity;
  let gaps = new Rng(seed).fork('arrivals');
  let drawn = 0;
  let arrivals = 0;
  return {
    model: 'open',
    dueMs: (n) => {
      if (n >= limit) return Infinity;
      if (n + 1 < drawn) {
        gaps = new Rng(seed).fork('arrivals');
        drawn = 0;
        arrivals = 0;
      }
      for (; drawn <= n; drawn += 1) arrivals += gaps.exponential(1);
      return curve.timeOfMs(arrivals);
    },
    rateAt: (elapsedMs) => curve.rateAt(elapsedMs),
    endMs: curve.endMs,
    total: curve.expected === Infinity ? maxRequests : null,
  };
}
