import { closestMatch } from 'leven';
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
    const meant = nearest(name, names);
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

/** The name that differs in no more than a third of its letters and one; those of either case are the same. */
function nearest(name: string, names: ReadonlySet<string>): string | null {
  const known = new Map(Array.from(names, (one) => [one.toLowerCase(), one]));
  const maxDistance = 1 + Math.floor(name.length / 3);
  const near = closestMatch(name.toLowerCase(), [...known.keys()], { maxDistance });
  return near === undefined ? null : known.get(near)!;
}
