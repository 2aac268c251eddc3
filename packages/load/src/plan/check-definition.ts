import type { z } from 'zod';
import type { FeedDefinition, LoadDefinition } from '../scenario/definition.ts';
import { definitionSchema, feedSchema, scenarioSchema } from './definition-schema.ts';
import { DefinitionError, type PlanFault } from './errors.ts';
import { pathLabel, type PlanPath } from './plan-file.ts';
import { scriptLoadSchemaFor, WATCH_KEYS } from './plan-schema.ts';
import { kindOf, missingKey, unknownKey, valueAt, wrongValue } from './shape-faults.ts';

/** A definition whose shape is right, with the types of its code left open. */
export type AnyDefinition = LoadDefinition<never, never, never>;

/** Stands for the file of a definition in the code of a test. */
export const INLINE = 'runLoad';

/**
 * Checks the shape of what a scenario file exports, or a test gives to `runLoad`: every unknown key, missing key and
 * value of the wrong kind is in one DefinitionError. What the values say is checked by `resolveDefinition`.
 */
export function checkDefinition(value: unknown, file: string): asserts value is AnyDefinition {
  if (!isMap(value) || value instanceof Promise)
    throw new DefinitionError(file, [notADefinition(value, file)]);
  const faults = [
    ...faultsIn(value, [], definitionSchema, 'a definition', value),
    ...loadFaults(value, ['load']),
    ...dataFaults(value),
    ...scenarioFaults(value),
  ];
  if (faults.length > 0) throw new DefinitionError(file, faults);
}

function notADefinition(value: unknown, file: string): PlanFault {
  const label = file === INLINE ? 'what was given' : 'the default export';
  const isCalled = typeof value === 'function' ? ' that is not called' : '';
  return {
    code: 'PLAN_SHAPE',
    problem: 'Not a load definition',
    cause: `${label} is ${value instanceof Promise ? 'a promise' : kindOf(value)}${isCalled}`,
    where: file,
    remedy: 'Write export default defineLoad({ target: …, user: … }).',
  };
}

/** `user` and `scenarios`, of which there is one. */
function scenarioFaults(definition: Readonly<Record<string, unknown>>): PlanFault[] {
  const { user, scenarios } = definition;
  if (user === undefined && scenarios === undefined) {
    return [missingKey(['user'], 'user: async ({ http }) => { … }, or several scenarios')];
  }
  if (user !== undefined && scenarios !== undefined) {
    return [
      {
        code: 'PLAN_CONFLICT',
        problem: 'Contradictory settings',
        cause: 'a definition has one user or several scenarios',
        where: 'user and scenarios',
        remedy: 'Make the user one of the scenarios.',
      },
    ];
  }
  if (!isMap(scenarios)) return [];
  return Object.entries(scenarios).flatMap(([name, scenario]) =>
    isMap(scenario) ? loadFaults(definition, ['scenarios', name, 'load']) : [],
  );
}

function loadFaults(definition: object, path: PlanPath): PlanFault[] {
  const load = valueAt(definition, path);
  if (load === undefined) return [];
  const { schema, title } = scriptLoadSchemaFor(isMap(load) ? load : {});
  return faultsIn(definition, path, schema, title, load);
}

/** `data` is a file name, a feed, or several of either by name. */
function dataFaults(definition: Readonly<Record<string, unknown>>): PlanFault[] {
  const { data } = definition;
  const several = isMap(data) && !isFeed(data) ? Object.keys(data) : null;
  const paths = several === null ? [['data']] : several.map((name) => ['data', name]);
  if (several?.length === 0) return [wrongValue(['data'], '', 'a feed, or leave it out', data)];
  return paths.flatMap((path) => {
    const feed = valueAt(definition, path);
    if (feed === undefined || typeof feed === 'string') return [];
    if (!isMap(feed)) return [wrongValue(path, '', 'a file name, or { file, pick }', feed)];
    const faults = faultsIn(definition, path, feedSchema, 'a feed', feed);
    if (faults.length > 0 || (feed['file'] === undefined) !== (feed['rows'] === undefined))
      return faults;
    const cause =
      feed['file'] === undefined ? 'it has neither file nor rows' : 'it has file and rows';
    const where = pathLabel(path);
    const remedy = 'Give a file name, or the rows themselves.';
    return [{ code: 'PLAN_FEED', problem: 'Feed not usable', cause, where, remedy }];
  });
}

/** Whether `data` is one feed and not several by name; a feed may itself be called `file`, `rows` or `pick`. */
export function isFeed(data: object): data is FeedDefinition<object> {
  const { file, rows, pick, format } = data as Readonly<Record<string, unknown>>;
  if (Array.isArray(rows)) return true;
  return typeof file === 'string' && [rows, pick, format].every((value) => !isMap(value));
}

function faultsIn(
  definition: object,
  at: PlanPath,
  schema: z.ZodType,
  title: string,
  value: unknown,
): PlanFault[] {
  const checked = schema.safeParse(value);
  if (checked.success) return [];
  return checked.error.issues.flatMap((issue) => {
    const inner = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const path = [...at, ...inner];
    if (issue.code === 'unrecognized_keys') {
      const owner = inner.length === 0 ? title : pathLabel(path);
      const known = knownAt(inner, schema);
      return issue.keys.map((key) => withHint(unknownKey(key, path, owner, known), key));
    }
    const found = valueAt(definition, path);
    return [
      found === undefined
        ? missingKey(path, issue.message)
        : wrongValue(path, 'the default export', issue.message, found),
    ];
  });
}

function knownAt(inner: PlanPath, schema: z.ZodType): readonly string[] {
  if (inner[0] === 'scenarios') return Object.keys(scenarioSchema.shape);
  if (inner[0] === 'watch') return WATCH_KEYS;
  if (inner[0] === 'stages') return ['duration', 'users', 'rate'];
  return inner[0] === 'connections' ? ['shared'] : Object.keys((schema as z.ZodObject).shape);
}

/** Where a plan file has requests, a script has code. */
function withHint(fault: PlanFault, key: string): PlanFault {
  if (key !== 'requests') return fault;
  const remedy =
    fault.where === 'requests'
      ? 'A script sends its requests in user: await http.get(…).'
      : 'A script counts iterations: give iterations.';
  return { ...fault, remedy };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
