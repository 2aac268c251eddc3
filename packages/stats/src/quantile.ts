import { ArgumentError } from './errors.ts';
import { nearestRank } from './nearest-rank.ts';

/**
 * Quantile `q` (0 to 1) of all the values, interpolated: the point (n-1)q along the sorted list, on the line between its
 * neighbours. This is definition 7 of Hyndman and Fan (1996), what R, NumPy and spreadsheets give. Sorts a copy;
 * an empty list or NaN among the values is refused.
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(sortedCopy('quantile', values), q);
}

/** `quantile` of values the caller keeps in ascending order, which is not checked: constant time, nothing copied. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  if (!(q >= 0 && q <= 1)) {
    throw new ArgumentError('quantileOfSorted', 'q', 'a quantile from 0 to 1', q);
  }
  requireValues('quantileOfSorted', sorted);
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const low = sorted[below];
  const share = position - below;
  if (share === 0) return low;
  const high = sorted[below + 1];
  // Equal neighbours first: infinities have no difference.
  return low === high ? low : low + (high - low) * share;
}

/**
 * The smallest of the values that at least a share `q` of them do not exceed (definition 1 of Hyndman and Fan): always
 * a value that occurred, and what `Histogram.quantile` approximates. Sorts a copy; refuses what `quantile` refuses.
 */
export function quantileByRank(values: ArrayLike<number>, q: number): number {
  const sorted = sortedCopy('quantileByRank', values);
  return sorted[nearestRank('quantileByRank', q, sorted.length) - 1];
}

function sortedCopy(where: string, values: ArrayLike<number>): Float64Array {
  requireValues(where, values);
  const sorted = Float64Array.from(values).sort();
  // Typed arrays sort NaN to the end.
  if (Number.isNaN(sorted[sorted.length - 1])) {
    throw new ArgumentError(where, 'values', 'numbers only', Number.NaN);
  }
  return sorted;
}

function requireValues(where: string, values: ArrayLike<number>): void {
  if (values.length > 0) return;
  throw new ArgumentError(where, 'values', 'at least one value', 'empty');
}
