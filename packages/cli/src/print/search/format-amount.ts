import { formatCount, formatRate } from '../figures.ts';

/** A level with what it counts: `4,950/s`, `40 users`; any unit but `users` is one of rates. */
export function formatAmount(amount: number, unit: string): string {
  if (unit !== 'users') return `${formatRate(amount)}/s`;
  return `${formatCount(amount)} user${Math.round(amount) === 1 ? '' : 's'}`;
}

/** The same without the unit, for a column that names it. */
export function formatBareAmount(amount: number, unit: string): string {
  return unit === 'users' ? formatCount(amount) : formatRate(amount);
}
