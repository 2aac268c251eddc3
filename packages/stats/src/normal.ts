import { ArgumentError } from './errors.ts';

/**
 * Share of a standard normal distribution below `z`, to 1.5e-7 (Abramowitz and Stegun, Handbook of Mathematical
 * Functions, 7.1.26).
 */
export function normalCdf(z: number): number {
  // What lies beyond six deviations, 1e-9, is below the error of the formula.
  if (z > 6) return 1;
  if (z < -6) return 0;
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (polynomial * Math.exp(-x * x)) / 2;
  return z < 0 ? tail : 1 - tail;
}

/** The value below which a share `p` (above 0, below 1) of a standard normal distribution lies, to 4.5e-4 (ibid. 26.2.23). */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) {
    throw new ArgumentError('normalQuantile', 'p', 'a share above 0 and below 1', p);
  }
  const t = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  const z =
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return p < 0.5 ? -z : z;
}

/**
 * Quantile of Student's t with `degrees` of freedom: how much wider than the normal an interval must be when the spread
 * itself was estimated. Series in 1/degrees (ibid. 26.7.5), within 1% from 4 degrees on for p up to 0.99; exact for 1 and 2.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(degrees >= 1)) {
    throw new ArgumentError('studentQuantile', 'degrees', 'at least 1', degrees);
  }
  if (degrees === 1) return Math.tan(Math.PI * (p - 0.5));
  if (degrees === 2) return (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
  const z = normalQuantile(p);
  const z2 = z * z;
  const terms = [
    (z * (z2 + 1)) / 4,
    (z * (5 * z2 * z2 + 16 * z2 + 3)) / 96,
    (z * (3 * z2 ** 3 + 19 * z2 * z2 + 17 * z2 - 15)) / 384,
    (z * (79 * z2 ** 4 + 776 * z2 ** 3 + 1482 * z2 * z2 - 1920 * z2 - 945)) / 92160,
  ];
  return terms.reduce((sum, term, index) => sum + term / degrees ** (index + 1), z);
}
