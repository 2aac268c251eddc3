import { InvalidRequestError } from '../errors.ts';

/** For an option with a wrong name or a value that makes no sense. */
export function invalidOption(
  name: string,
  value: unknown,
  reason: string,
  remedy: string,
): InvalidRequestError {
  return new InvalidRequestError({
    code: 'INVALID_OPTION',
    phase: 'build',
    problem: `Option ${name} not accepted`,
    reason: `${shown(value)} ${reason}`,
    remedy,
  });
}

/** Throws unless every name in `options` is one of `names`; tells which one may have been meant. */
export function checkNames(options: object, names: ReadonlySet<string>, what: string): void {
  for (const name in options) {
    if (names.has(name)) continue;
    const meant = nearest(name.slice(0, 40), names);
    throw new InvalidRequestError({
      code: 'INVALID_OPTION',
      phase: 'build',
      problem: `Option ${name} not accepted`,
      reason: `there is none of that name for ${what}`,
      remedy: meant === null ? `Use ${[...names].join(', ')}` : `Perhaps ${meant} is meant`,
    });
  }
}

/** A whole number from `least` on. */
export function checkedCount(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && value >= least && Number.isInteger(value)) return value;
  throw invalidOption(name, value, 'is not a whole number in range', `Give ${least} or more`);
}

/** A number from `least` on; Infinity is one. */
export function checkedNumber(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && value >= least) return value;
  throw invalidOption(name, value, 'is not a number in range', `Give ${least} or more`);
}

export function checkedBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidOption(name, value, 'is neither true nor false', 'Give one of these');
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** The name that at most two changes of letters (or a third of them) turn `name` into. */
function nearest(name: string, names: ReadonlySet<string>): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = changesBetween(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const swap = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, swap));
    }
    row = next;
  }
  return row[to.length]!;
}
