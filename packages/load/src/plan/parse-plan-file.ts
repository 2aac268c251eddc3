import type { z } from 'zod';
import { STRESS_KEY_NAMES } from '../search/stress-data.ts';
import { PlanFileError } from './errors.ts';
import type { FilePosition, PlanFault } from './errors.ts';
import { parsePlanDocument } from './plan-document.ts';
import type { PlanDocument } from './plan-document.ts';
import { pathLabel } from './plan-file.ts';
import type { PlanData, PlanFile, PlanPath } from './plan-file.ts';
import { loadSchemaFor, planSchema, WATCH_KEYS } from './plan-schema.ts';
import { missingKey, unknownKey, valueAt, wrongValue } from './shape-faults.ts';

/**
 * Reads a plan in YAML or JSON and checks its shape. Every unknown key, missing key and value of the wrong type is
 * listed in one PlanFileError with file, line, column and the line itself; what the values say is checked by
 * `resolvePlan`, once variables and flags are known. `file` is for messages and for the files the plan names.
 */
export function parsePlanFile(text: string, file: string): PlanFile {
  const document = parsePlanDocument(text, file);
  const whole = planSchema.safeParse(document.data);
  const faults = whole.success
    ? []
    : whole.error.issues.flatMap((issue) => faultsOf(issue, document, 'a plan', []));
  const { load, loadFaults } = checkLoad(document);
  faults.push(...loadFaults);
  if (faults.length > 0 || !whole.success) {
    throw new PlanFileError(
      file,
      faults.toSorted(([, a], [, b]) => a.line - b.line || a.column - b.column),
    );
  }
  const data: PlanData = { ...whole.data, load };
  return { file, data, positionOf: (path) => document.positionOf(path) };
}

type PlacedFault = [fault: PlanFault, position: FilePosition];

function checkLoad(document: PlanDocument): {
  readonly load: PlanData['load'];
  readonly loadFaults: readonly PlacedFault[];
} {
  const load = isMap(document.data) ? document.data['load'] : undefined;
  if (load === undefined) return { load: undefined, loadFaults: [] };
  const { schema, title, keys } = loadSchemaFor(isMap(load) ? load : {});
  const checked = schema.safeParse(load);
  if (checked.success) return { load: checked.data, loadFaults: [] };
  const loadFaults = checked.error.issues.flatMap((issue) =>
    faultsOf(
      { ...issue, path: ['load', ...issue.path] } as z.core.$ZodIssue,
      document,
      title,
      keys,
    ),
  );
  return { load: undefined, loadFaults };
}

/** One fault for each unknown key, else one for the issue. */
function faultsOf(
  issue: z.core.$ZodIssue,
  document: PlanDocument,
  title: string,
  loadKeys: readonly string[],
): PlacedFault[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => [
      withHint(unknownKey(key, path, ownerOf(path, title), keysAt(path, loadKeys))),
      document.positionOf([...path, key], 'key'),
    ]);
  }
  const value = valueAt(document.data, path);
  const fault =
    value === undefined
      ? missingKey(path, issue.message)
      : wrongValue(path, 'the file', hinted(issue.message), value);
  return [[fault, document.positionOf(path)]];
}

/** What a scenario has and a plan has not. */
function withHint(fault: PlanFault): PlanFault {
  if (fault.where !== 'http2') return fault;
  const remedy = 'Plans are sent over HTTP/1.1; a scenario in TypeScript speaks HTTP/2.';
  return { ...fault, remedy };
}

function ownerOf(path: PlanPath, title: string): string {
  return path.length > 1 || (path.length > 0 && path[0] !== 'load') ? pathLabel(path) : title;
}

function hinted(expected: string): string {
  return expected === 'text' ? 'text, in quotes where it looks like something else' : expected;
}

const PLAN_KEYS = keysOf(planSchema);
const REQUEST_KEYS = [
  'name',
  'method',
  'path',
  'url',
  'headers',
  'body',
  'json',
  'bodyFile',
  'weight',
];

function keysAt(path: PlanPath, loadKeys: readonly string[]): readonly string[] {
  if (path.length === 0) return PLAN_KEYS;
  if (path[0] === 'requests') return REQUEST_KEYS;
  if (path[0] === 'stress') return STRESS_KEY_NAMES;
  if (path[0] === 'watch') return WATCH_KEYS;
  return path.length === 1 ? loadKeys : ['duration', 'users', 'rate'];
}

function keysOf(schema: unknown): readonly string[] {
  return Object.keys((schema as { readonly shape: object }).shape);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
