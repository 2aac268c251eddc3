import { PlanError, quoted } from './errors.ts';
import { pathLabel } from './plan-file.ts';
import type { PlanData, PlanFile, PlanPath } from './plan-file.ts';
import { parseEnvironment, substitute, substituteAll } from './variables.ts';

/** One address, everything else from flags. */
export interface QuickTarget {
  readonly url: string;
}

/** A plan file, or an address as if it were one, with its variables filled in. */
export interface PlanInput {
  readonly data: PlanData;
  /** Null for an address. */
  readonly file: string | null;
  /** Calls `read` with the name of the value at `path`; a PlanError it throws gets its place in the file, also later. */
  readonly at: <Value>(path: PlanPath, read: (label: string) => Value) => Value;
  /** The name of the value at `path` and its place, for messages about two values. */
  readonly whereOf: (path: PlanPath) => string;
  /** Fills variables into the text of a flag. */
  readonly fill: (text: string, flag: string) => string;
  /** Throws when a variable given with `-e` was used nowhere: most likely it is misspelt. */
  readonly refuseUnused: () => void;
}

/** Parts of a plan that may hold slots besides variables. */
const REQUEST_PARTS = new Set([
  'name',
  'path',
  'url',
  'target',
  'headers',
  'body',
  'json',
  'requests',
]);

export function openInput(input: PlanFile | QuickTarget, env: readonly string[]): PlanInput {
  const isFile = 'data' in input;
  const at = <Value>(path: PlanPath, read: (label: string) => Value): Value => {
    const label = pathLabel(path);
    if (!isFile) return read(label === 'target' ? 'address' : label);
    const placed = (error: unknown): never => {
      throw error instanceof PlanError ? error.at(input.positionOf(path)) : error;
    };
    try {
      const value = read(label);
      return value instanceof Promise ? (value.catch(placed) as Value) : value;
    } catch (error) {
      return placed(error);
    }
  };
  const written: PlanData = isFile ? input.data : { target: input.url };
  const given = parseEnvironment(env);
  const used = new Set<string>();
  const onUse = (name: string): void => void used.add(name);
  const variables = new Map(given);
  for (const [name, value] of Object.entries(written.vars ?? {})) {
    const text = at(['vars', name], (label) => substitute(`${value}`, variables, label, onUse));
    if (given.has(name)) used.add(name);
    else variables.set(name, text);
  }
  const fillAt = (text: string, path: PlanPath): string =>
    at(path, (label) =>
      REQUEST_PARTS.has(String(path[0]))
        ? substitute(text, variables, label, onUse)
        : substituteAll(text, variables, label, onUse),
    );
  const { vars: _, ...settings } = written;
  return {
    data: filled(settings, [], fillAt) as PlanData,
    file: isFile ? input.file : null,
    at,
    whereOf: (path) => {
      if (!isFile) return pathLabel(path);
      const { file, line, column } = input.positionOf(path);
      return `${pathLabel(path)}, ${file}:${line}:${column}`;
    },
    fill: (text, flag) => substitute(text, variables, flag, onUse),
    refuseUnused: () => refuseUnused(given, used),
  };
}

/** A copy of plain data with every text in it filled. */
export function filled(
  value: unknown,
  path: PlanPath,
  fill: (text: string, path: PlanPath) => string,
): unknown {
  if (typeof value === 'string') return fill(value, path);
  if (Array.isArray(value))
    return value.map((member, index) => filled(member, [...path, index], fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, filled(member, [...path, key], fill)]),
  );
}

function refuseUnused(given: ReadonlyMap<string, string>, used: ReadonlySet<string>): void {
  for (const name of given.keys()) {
    if (used.has(name)) continue;
    throw new PlanError({
      code: 'PLAN_VARIABLE',
      problem: 'Variable without a use',
      cause: `neither {{${name}}} nor \${${name}} occurs`,
      where: `-e ${quoted(name)}`,
      remedy: 'Check its name, or leave it out.',
    });
  }
}
