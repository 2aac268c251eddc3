import { formatCount, parseCount } from './count.ts';
import { formatDuration } from './duration.ts';
import { PlanError, quoted } from './errors.ts';
import type { Scalar } from './plan-file.ts';

/** A number that must lie within bounds, both included. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** `value` if it is a whole number within bounds. */
export function checkedCount(value: number, label: string, { least, most }: Bounds): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw outOfBounds(
    `${value}`,
    label,
    `a whole number from ${formatCount(least)} to ${formatCount(most)}`,
  );
}

/** `value` if it is a number above `least` and up to `most`. */
export function checkedAbove(value: number, label: string, { least, most }: Bounds): number {
  if (value > least && value <= most) return value;
  throw outOfBounds(
    `${value}`,
    label,
    `more than ${formatCount(least)} and at most ${formatCount(most)}`,
  );
}

/** `value` if it is a duration within bounds, in milliseconds. */
export function checkedDuration(value: number, label: string, { least, most }: Bounds): number {
  if (value >= least && value <= most) return value;
  const shown = Number.isFinite(value) && value >= 0 ? formatDuration(value) : `${value}`;
  throw outOfBounds(shown, label, `from ${formatDuration(least)} to ${formatDuration(most)}`);
}

/** A count of the plan file within bounds. */
export function readCount(value: Scalar, label: string, bounds: Bounds): number {
  return checkedCount(parseCount(value, label), label, bounds);
}

/** A plain number, with a fraction or not. */
export function readNumber(value: Scalar, label: string): number {
  const number = typeof value === 'number' ? value : Number(value.trim() === '' ? 'none' : value);
  if (Number.isFinite(number)) return number;
  throw outOfBounds(quoted(String(value)), label, 'a number');
}

function outOfBounds(found: string, label: string, expected: string): PlanError {
  return new PlanError({
    code: 'PLAN_LIMIT',
    problem: 'Out of bounds',
    cause: `it is ${found}`,
    where: label,
    remedy: `Give ${expected}.`,
  });
}
