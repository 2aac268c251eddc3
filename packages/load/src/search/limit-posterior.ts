import { normalCdf } from '@needletail/stats';

/** A test of the limit: whether a rate was held. */
export interface LimitObservation {
  readonly rate: number;
  readonly held: boolean;
}

/** What is believed of the limit: the rate that is held in half of the tests. */
export interface LimitBelief {
  readonly median: number;
  /** Ends of the central interval that holds the limit with the confidence asked for. */
  readonly low: number;
  readonly high: number;
}

/** A pause of the target or of its machine breaks a level that would be held in this share of the tests. */
const FALSE_BREACH = 0.04;
/** A level that is too high passes for want of time far less often. */
const FALSE_HOLD = 0.01;
/** How gradual the change from held to broken may be, as the standard deviation of the logarithm of the rate. */
const WIDTHS = [
  { width: 0.003, weight: 0.3 },
  { width: 0.01, weight: 0.3 },
  { width: 0.03, weight: 0.25 },
  { width: 0.1, weight: 0.15 },
];
const CELLS = 1600;
/** The limit is looked for this far beyond what was tested, should a test have deceived. */
const MARGIN = Math.LN2;

/**
 * The posterior over the limit after some tests (Bayesian probit with lapses; the choice of tests by it is the
 * probabilistic bisection of Horstein, 1963). Prior: uniform in the logarithm of the rate, from half the lowest to twice
 * the highest rate tested.
 */
export function limitBelief(
  observations: readonly LimitObservation[],
  confidence: number,
): LimitBelief {
  const logs = observations.map(({ rate }) => Math.log(rate));
  const from = Math.min(...logs) - MARGIN;
  const to = Math.max(...logs) + MARGIN;
  const step = (to - from) / CELLS;
  const mass = new Float64Array(CELLS);
  for (let cell = 0; cell < CELLS; cell += 1) {
    const limit = from + (cell + 0.5) * step;
    for (const { width, weight } of WIDTHS)
      mass[cell] += weight * likelihood(observations, logs, limit, width);
  }
  const total = mass.reduce((sum, value) => sum + value, 0);
  const quantile = (share: number): number => {
    let below = 0;
    for (let cell = 0; cell < CELLS; cell += 1) {
      const next = below + mass[cell] / total;
      if (next >= share) return Math.exp(from + (cell + (share - below) / (next - below)) * step);
      below = next;
    }
    return Math.exp(to);
  };
  return {
    median: quantile(0.5),
    low: quantile((1 - confidence) / 2),
    high: quantile((1 + confidence) / 2),
  };
}

function likelihood(
  observations: readonly LimitObservation[],
  logs: readonly number[],
  limit: number,
  width: number,
): number {
  let product = 1;
  for (let index = 0; index < observations.length; index += 1) {
    const above = normalCdf((logs[index] - limit) / width);
    const breach = FALSE_BREACH + (1 - FALSE_BREACH - FALSE_HOLD) * above;
    product *= observations[index].held ? 1 - breach : breach;
  }
  return product;
}
