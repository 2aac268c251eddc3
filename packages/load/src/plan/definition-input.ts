import type { AnyDefinition } from './check-definition.ts';
import { PlanError, quoted } from './errors.ts';
import { pathLabel, type LoadData, type PlanData, type PlanPath } from './plan-file.ts';
import { filled, type PlanInput } from './plan-input.ts';
import { didYouMean } from './suggest.ts';
import { parseEnvironment, substituteAll } from './variables.ts';

/** Variables as the code sees them. */
type ScriptVars = Readonly<Record<string, string | number | boolean>>;

/** A definition as if it were a plan file, its variables filled into its texts. */
export interface DefinitionInput {
  readonly vars: ScriptVars;
  /** The settings that a definition shares with a plan file. */
  readonly settings: PlanInput;
  /** The same with the load of one scenario. */
  readonly forScenario: (name: string) => PlanInput;
}

/** Settings of a definition that a plan file has too, but for the load and the headers. */
const SHARED_KEYS = [
  'workers',
  'timeout',
  'warmup',
  'seed',
  'success',
  'onlyOk',
  'apdex',
  'insecure',
  'ca',
  'servername',
  'thresholds',
  'watch',
] as const;

/** `-e` overrides `vars`, and takes the type of what it overrides; a name that `vars` does not have is a PlanError. */
export function openDefinition(
  definition: AnyDefinition,
  file: string | null,
  env: readonly string[],
): DefinitionInput {
  const vars = overridden(definition.vars ?? {}, parseEnvironment(env));
  const variables = new Map(Object.entries(vars).map(([name, value]) => [name, `${value}`]));
  const fill = (text: string, path: PlanPath): string =>
    substituteAll(text, variables, pathLabel(path));
  const shared = Object.fromEntries(SHARED_KEYS.map((key) => [key, definition[key]]));
  const { target, headers } = definition;
  const data = filled(
    { ...shared, headers, ...(typeof target === 'string' ? { target } : {}) },
    [],
    fill,
  ) as PlanData;
  const open = (load: unknown, owner: PlanPath): PlanInput => ({
    data: { ...data, load: filled(load, [...owner, 'load'], fill) as LoadData },
    file,
    at: (path, read) => read(pathLabel([...owner, ...path])),
    whereOf: (path) => pathLabel([...owner, ...path]),
    fill: (text, flag) => substituteAll(text, variables, flag),
    refuseUnused: () => undefined,
  });
  return {
    vars,
    settings: open(definition.load ?? {}, []),
    forScenario: (name) => open(definition.scenarios?.[name]?.load ?? {}, ['scenarios', name]),
  };
}

function overridden(vars: ScriptVars, given: ReadonlyMap<string, string>): ScriptVars {
  const all: Record<string, string | number | boolean> = { ...vars };
  for (const [name, text] of given) {
    const value = Object.hasOwn(vars, name) ? vars[name] : undefined;
    if (value === undefined) throw unknownVariable(name, Object.keys(vars));
    all[name] = likeValue(text, value, name);
  }
  return all;
}

function likeValue(
  text: string,
  value: string | number | boolean,
  name: string,
): string | number | boolean {
  if (typeof value === 'string') return text;
  if (typeof value === 'number') {
    if (text !== '' && Number.isFinite(Number(text))) return Number(text);
    throw wrongKind(name, text, `vars.${name} is a number: give a number.`);
  }
  if (text === 'true' || text === 'false') return text === 'true';
  throw wrongKind(name, text, `vars.${name} is a boolean: give true or false.`);
}

function unknownVariable(name: string, known: readonly string[]): PlanError {
  const there = known.length === 0 ? 'There are none.' : `There are ${known.join(', ')}.`;
  return new PlanError({
    code: 'PLAN_VARIABLE',
    problem: 'Unknown variable',
    cause: `the vars of the scenario have no ${quoted(name)}`,
    where: '-e/--env',
    remedy: `${didYouMean(name, known)}${there} Declare it with its default: vars: { ${name}: '' }.`,
  });
}

function wrongKind(name: string, text: string, remedy: string): PlanError {
  return new PlanError({
    code: 'PLAN_VARIABLE',
    problem: 'Variable of the wrong kind',
    cause: `${name} is ${quoted(text)}`,
    where: '-e/--env',
    remedy,
  });
}
