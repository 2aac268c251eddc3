import { ArgumentError } from './errors.ts';

/**
 * The rank, from 1 to `count`, of quantile `q`: the smallest with `rank / count >= q`, decided as that division rounds,
 * so that 0.07 of 100 is rank 7 although `0.07 * 100` is a little over 7.
 */
export function nearestRank(where: string, q: number, count: number): number {
  if (!(q >= 0 && q <= 1)) throw new ArgumentError(where, 'q', 'a quantile from 0 to 1', q);
  let rank = Math.min(count, Math.max(1, Math.ceil(q * count)));
  if (rank > 1 && (rank - 1) / count >= q) rank -= 1;
  else if (rank < count && rank / count < q) rank += 1;
  return rank;
}
