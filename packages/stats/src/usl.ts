import { ArgumentError } from './errors.ts';
import { normalQuantile, studentQuantile } from './normal.ts';
import { quantileOfSorted } from './quantile.ts';
import { Rng } from './rng.ts';

/** A throughput measured at a concurrency; repeats are points of their own. */
export interface ScalingPoint {
  /** Users or processors, above 0. */
  readonly concurrency: number;
  /** Work done per second, above 0. */
  readonly throughput: number;
}

/** Both ends included; `high` is Infinity where the data set no limit. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** X(N) = λN / (1 + σ(N−1) + κN(N−1)). */
export interface ScalingLaw {
  /** λ: throughput of one user. */
  readonly lambda: number;
  /** σ, not negative: share of the work that queues for something only one can have. */
  readonly sigma: number;
  /** κ, not negative: cost of keeping each pair of users in agreement, which makes throughput fall in the end. */
  readonly kappa: number;
}

export interface ScalingFit extends ScalingLaw {
  /** 1 − residual / total sum of squares of the throughputs. */
  readonly rSquared: number;
  /** N at which X is largest, `sqrt((1−σ)/κ)`; Infinity when κ is 0. */
  readonly peakConcurrency: number;
  /** X there; for κ = 0 the limit λ/σ, which may be Infinity. */
  readonly peakThroughput: number;
  /** Null when there are no more points than parameters. */
  readonly intervals: Readonly<
    Record<'lambda' | 'sigma' | 'kappa' | 'peakConcurrency' | 'peakThroughput', Interval>
  > | null;
}

export interface ScalingFitOptions {
  /** Of the intervals, 0.95 unless set. */
  readonly confidence?: number;
  /** 500 unless set. */
  readonly resamples?: number;
  readonly seed?: number;
}

const PARAMETERS = 3;
const DEFAULT_RESAMPLES = 500;
const MOST_ROUNDS = 30;
const CLOSE_ENOUGH = 1e-9;

/**
 * Fits the Universal Scalability Law (Gunther, Guerrilla Capacity Planning, 2007) by least squares of the
 * logarithms, as throughputs of a load test spread in proportion to themselves; σ and κ are kept from going below 0.
 *
 * Intervals are percentiles of a bootstrap of the residuals, which are widened for the degrees of freedom the fit took
 * (Davison and Hinkley, Bootstrap Methods, 1997, §6.3) and for Student's t. Needs three different concurrencies.
 */
export function fitScaling(
  points: readonly ScalingPoint[],
  { confidence = 0.95, resamples = DEFAULT_RESAMPLES, seed = 1 }: ScalingFitOptions = {},
): ScalingFit {
  refuseUnusable(points);
  const law = leastSquares(points);
  const fitted = points.map(({ concurrency }) => throughputAt(law, concurrency));
  const peak = peakOf(law);
  const fit = { ...law, ...peak, rSquared: rSquaredOf(points, fitted) };
  const degrees = points.length - PARAMETERS;
  if (degrees < 1) return { ...fit, intervals: null };
  const p = (1 + confidence) / 2;
  const widening =
    Math.sqrt(points.length / degrees) * (studentQuantile(p, degrees) / normalQuantile(p));
  const residuals = points.map(({ throughput }, index) => Math.log(throughput / fitted[index]));
  const center = residuals.reduce((sum, residual) => sum + residual, 0) / residuals.length;
  const rng = new Rng(seed);
  const laws = Array.from({ length: resamples }, () => {
    const drawn = points.map(({ concurrency }, index) => {
      const residual = (residuals[rng.int(residuals.length)] - center) * widening;
      return { concurrency, throughput: fitted[index] * Math.exp(residual) };
    });
    const resampled = leastSquares(drawn);
    return { ...resampled, ...peakOf(resampled) };
  });
  const interval = (read: (one: (typeof laws)[number]) => number): Interval => {
    const sorted = laws.map(read).sort((a, b) => a - b);
    return { low: quantileOfSorted(sorted, 1 - p), high: quantileOfSorted(sorted, p) };
  };
  const intervals = {
    lambda: interval((one) => one.lambda),
    sigma: interval((one) => one.sigma),
    kappa: interval((one) => one.kappa),
    peakConcurrency: interval((one) => one.peakConcurrency),
    peakThroughput: interval((one) => one.peakThroughput),
  };
  return { ...fit, intervals };
}

/** Throughput that the law foretells at a concurrency. */
export function throughputAt({ lambda, sigma, kappa }: ScalingLaw, concurrency: number): number {
  const n = concurrency;
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

function peakOf(law: ScalingLaw): { peakConcurrency: number; peakThroughput: number } {
  const { lambda, sigma, kappa } = law;
  if (kappa === 0) return { peakConcurrency: Infinity, peakThroughput: lambda / sigma };
  // Below one user there is nothing to share: a law that only falls peaks at one.
  const peakConcurrency = Math.max(1, Math.sqrt(Math.max(0, 1 - sigma) / kappa));
  return { peakConcurrency, peakThroughput: throughputAt(law, peakConcurrency) };
}

/** The constrained optimum lies inside σ ≥ 0, κ ≥ 0, or else on an edge: then it is the best solution that is allowed there. */
function leastSquares(points: readonly ScalingPoint[]): ScalingLaw {
  const inside = gaussNewton(points, true, true);
  if (inside !== null && isAllowed(inside)) return inside;
  let best: ScalingLaw | null = null;
  let least = Infinity;
  for (const [freeSigma, freeKappa] of EDGES) {
    const law = gaussNewton(points, freeSigma, freeKappa);
    if (law === null || !isAllowed(law)) continue;
    const error = errorOf(points, law);
    if (error < least) [best, least] = [law, error];
  }
  // Both held at 0 leaves a proportion, which every set of positive points has.
  return best!;
}

const EDGES = [
  [true, false],
  [false, true],
  [false, false],
] as const;

function isAllowed({ lambda, sigma, kappa }: ScalingLaw): boolean {
  return lambda > 0 && sigma >= 0 && kappa >= 0;
}

/**
 * In 1/λ, σ/λ and κ/λ the law is a line, N/X = a + b(N−1) + cN(N−1): only the logarithm around it has to be linearised,
 * anew in each round, at what was fitted last.
 */
function gaussNewton(
  points: readonly ScalingPoint[],
  freeSigma: boolean,
  freeKappa: boolean,
): ScalingLaw | null {
  const rows = points.map(({ concurrency: n }) => {
    const row = [1];
    if (freeSigma) row.push(n - 1);
    if (freeKappa) row.push(n * (n - 1));
    return row;
  });
  let fitted = points.map(({ concurrency, throughput }) => concurrency / throughput);
  let law: ScalingLaw | null = null;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const residuals = points.map(({ concurrency, throughput }, index) =>
      Math.log((throughput * fitted[index]) / concurrency),
    );
    const wanted = fitted.map((value, index) => value * (1 - residuals[index]));
    const weights = fitted.map((value) => 1 / value);
    const next = toLaw(weightedSolution(rows, wanted, weights), freeSigma, freeKappa);
    if (next === null) return law;
    const line = points.map(({ concurrency }) => concurrency / throughputAt(next, concurrency));
    // Outside of what is allowed the line may cross zero, where there is no logarithm.
    if (line.some((value) => !(value > 0))) return null;
    const settled = line.every(
      (value, index) => Math.abs(value - fitted[index]) <= CLOSE_ENOUGH * value,
    );
    [law, fitted] = [next, line];
    if (settled) break;
  }
  return law;
}

function toLaw(
  coefficients: readonly number[] | null,
  freeSigma: boolean,
  freeKappa: boolean,
): ScalingLaw | null {
  if (coefficients === null || !(coefficients[0] > 0)) return null;
  const [a] = coefficients;
  return {
    lambda: 1 / a,
    sigma: freeSigma ? coefficients[1] / a : 0,
    kappa: freeKappa ? coefficients[freeSigma ? 2 : 1] / a : 0,
  };
}

/** Solves the normal equations, columns scaled to one length; null when they do not determine the solution. */
function weightedSolution(
  rows: readonly (readonly number[])[],
  observed: readonly number[],
  weights: readonly number[],
): number[] | null {
  const size = rows[0].length;
  const scales = rows[0].map((_, column) =>
    Math.hypot(...rows.map((row, index) => row[column] * weights[index])),
  );
  if (scales.some((scale) => !(scale > 0))) return null;
  const matrix = Array.from({ length: size }, () => Array.from({ length: size + 1 }, () => 0));
  rows.forEach((row, index) => {
    const scaled = row.map((value, column) => (value * weights[index]) / scales[column]);
    for (let i = 0; i < size; i += 1) {
      for (let j = 0; j < size; j += 1) matrix[i][j] += scaled[i] * scaled[j];
      matrix[i][size] += scaled[i] * observed[index] * weights[index];
    }
  });
  const solution = eliminate(matrix);
  return solution?.map((value, column) => value / scales[column]) ?? null;
}

function eliminate(matrix: number[][]): number[] | null {
  const size = matrix.length;
  for (let column = 0; column < size; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < size; row += 1) {
      if (Math.abs(matrix[row][column]) > Math.abs(matrix[pivot][column])) pivot = row;
    }
    if (Math.abs(matrix[pivot][column]) < 1e-13) return null;
    [matrix[column], matrix[pivot]] = [matrix[pivot], matrix[column]];
    for (let row = 0; row < size; row += 1) {
      if (row === column) continue;
      const factor = matrix[row][column] / matrix[column][column];
      for (let cell = column; cell <= size; cell += 1) {
        matrix[row][cell] -= factor * matrix[column][cell];
      }
    }
  }
  return matrix.map((row, index) => row[size] / row[index]);
}

function errorOf(points: readonly ScalingPoint[], law: ScalingLaw): number {
  let sum = 0;
  for (const { concurrency, throughput } of points) {
    sum += Math.log(throughputAt(law, concurrency) / throughput) ** 2;
  }
  return sum;
}

function rSquaredOf(points: readonly ScalingPoint[], fitted: readonly number[]): number {
  const mean = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length;
  let residual = 0;
  let total = 0;
  points.forEach(({ throughput }, index) => {
    residual += (throughput - fitted[index]) ** 2;
    total += (throughput - mean) ** 2;
  });
  return total === 0 ? (residual === 0 ? 1 : 0) : 1 - residual / total;
}

function refuseUnusable(points: readonly ScalingPoint[]): void {
  for (const { concurrency, throughput } of points) {
    if (!(concurrency > 0 && concurrency < Infinity)) {
      throw new ArgumentError('fitScaling', 'concurrency', 'finite and above 0', concurrency);
    }
    if (!(throughput > 0 && throughput < Infinity)) {
      throw new ArgumentError('fitScaling', 'throughput', 'finite and above 0', throughput);
    }
  }
  const levels = new Set(points.map(({ concurrency }) => concurrency)).size;
  if (levels >= PARAMETERS) return;
  throw new ArgumentError('fitScaling', 'points', 'at least 3 different concurrencies', levels);
}
