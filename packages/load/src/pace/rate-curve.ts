import type { OpenLoad } from '../plan/plan.ts';

/** A stretch on which the rate goes in a straight line from one level to another. */
interface Slope {
  readonly startMs: number;
  readonly durationMs: number;
  readonly fromRate: number;
  readonly toRate: number;
  /** Arrivals expected before this stretch, and up to its end. */
  readonly before: number;
  readonly upTo: number;
}

/** One stretch as written: the rate at its end and how long it takes to get there, in milliseconds. */
interface RateStage {
  readonly durationMs: number;
  readonly rate: number;
}

/** Requests per second over time, its integral and the inverse of that integral, all in closed form. */
export class RateCurve {
  readonly endMs: number;
  /** Area under the whole curve: the number of arrivals expected. */
  readonly expected: number;
  readonly #slopes: readonly Slope[];
  /** Where the last search ended; callers ask in ascending order. */
  #cursor = 0;

  constructor(startRate: number, stages: readonly RateStage[]) {
    let startMs = 0;
    let before = 0;
    let fromRate = startRate;
    this.#slopes = stages.map(({ durationMs, rate }) => {
      const upTo = before + ((fromRate + rate) / 2) * (durationMs / 1000);
      const slope = { startMs, durationMs, fromRate, toRate: rate, before, upTo };
      startMs += durationMs;
      before = upTo;
      fromRate = rate;
      return slope;
    });
    this.endMs = startMs;
    this.expected = before;
  }

  /** Requests per second at that time; none before the start and from the end on. */
  rateAt(elapsedMs: number): number {
    if (elapsedMs < 0 || elapsedMs >= this.endMs) return 0;
    let index = this.#slopes.length - 1;
    while (this.#slopes[index].startMs > elapsedMs) index -= 1;
    const { startMs, durationMs, fromRate, toRate } = this.#slopes[index];
    if (fromRate === toRate) return fromRate;
    return fromRate + ((toRate - fromRate) * (elapsedMs - startMs)) / durationMs;
  }

  /** Arrivals expected in `[0, elapsedMs)`. */
  arrivedBy(elapsedMs: number): number {
    let arrived = 0;
    for (const { startMs, durationMs, fromRate, toRate, before, upTo } of this.#slopes) {
      if (elapsedMs <= startMs) break;
      if (elapsedMs >= startMs + durationMs) {
        arrived = upTo;
        continue;
      }
      const elapsed = elapsedMs - startMs;
      const rate =
        fromRate === toRate ? fromRate : fromRate + ((toRate - fromRate) * elapsed) / durationMs;
      arrived = before + (((fromRate + rate) / 2) * elapsed) / 1000;
    }
    return arrived;
  }

  /**
   * The time after which more than `arrivals` are expected: the inverse of `arrivedBy`, at its right end where the
   * rate is 0 for a while. Infinity when there are never that many.
   */
  timeOfMs(arrivals: number): number {
    let cursor = this.#cursor;
    if (cursor > 0 && this.#slopes[cursor].before > arrivals) cursor = 0;
    while (cursor < this.#slopes.length && this.#slopes[cursor].upTo <= arrivals) cursor += 1;
    if (cursor === this.#slopes.length) return Infinity;
    this.#cursor = cursor;
    return timeWithin(this.#slopes[cursor], arrivals);
  }
}

/** The curve of an open-model load. */
export function rateCurveOf(load: OpenLoad): RateCurve {
  if (load.kind === 'rate') {
    return new RateCurve(load.rate, [{ durationMs: load.durationMs ?? Infinity, rate: load.rate }]);
  }
  return new RateCurve(load.startRate, load.stages);
}

/**
 * Solves a·t + k·t²/2 = x for t, with a the rate at the start, k its change per second and x the arrivals since.
 * In this form of the root nothing cancels, and k may be 0 or negative.
 */
function timeWithin(slope: Slope, arrivals: number): number {
  const { startMs, durationMs, fromRate, toRate } = slope;
  const within = arrivals - slope.before;
  if (fromRate === toRate) return startMs + (within * 1000) / fromRate;
  if (within <= 0) return startMs;
  const changePerSecond = ((toRate - fromRate) * 1000) / durationMs;
  const root = Math.sqrt(Math.max(0, fromRate * fromRate + 2 * changePerSecond * within));
  return startMs + Math.min(durationMs, (2000 * within) / (fromRate + root));
}
