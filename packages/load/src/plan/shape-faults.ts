import { quoted } from './errors.ts';
import type { PlanFault } from './errors.ts';
import { isClass } from './is-class.ts';
import { pathLabel } from './plan-file.ts';
import type { PlanPath } from './plan-file.ts';
import { scenarioNames } from './plan-schema.ts';
import { didYouMean } from './suggest.ts';

/** A key that `owner` (as messages call the map at `path`) does not have. */
export function unknownKey(
  key: string,
  path: PlanPath,
  owner: string,
  known: readonly string[],
): PlanFault {
  return {
    code: 'PLAN_SHAPE',
    problem: 'Unknown key',
    cause: `${quoted(key)} is no setting of ${owner}`,
    where: pathLabel([...path, key]),
    remedy: `${didYouMean(key, known)}Known are ${known.join(', ')}.`,
  };
}

/** A key that has to be there. */
export function missingKey(path: PlanPath, expected: string): PlanFault {
  return {
    code: 'PLAN_SHAPE',
    problem: 'Missing key',
    cause: `there is no ${pathLabel(path)}`,
    where: pathLabel(path),
    remedy: `Give ${expected}.`,
  };
}

/** A value of the wrong kind; `whole` is what messages call the value at the empty path. */
export function wrongValue(
  path: PlanPath,
  whole: string,
  expected: string,
  value: unknown,
): PlanFault {
  const label = path.length === 0 ? whole : pathLabel(path);
  const isScenario = path.length > 1 && path.at(-2) === 'load' && path.at(-1) === 'scenario';
  const suggestion = isScenario ? didYouMean(String(value), scenarioNames) : '';
  return {
    code: 'PLAN_SHAPE',
    problem: 'Wrong value',
    cause: `${label} is ${kindOf(value)}`,
    where: label,
    remedy: `${suggestion}Give ${expected}.`,
  };
}

/** The value at a path; undefined where there is none. */
export function valueAt(data: unknown, path: PlanPath): unknown {
  let value = data;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'function') return isClass(value) ? 'a class' : 'a function';
  return `${typeof value} ${String(value as number | boolean | bigint | symbol)}`;
}
