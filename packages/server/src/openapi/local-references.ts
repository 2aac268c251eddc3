import { isSchema, mapSubschemas } from './map-subschemas.ts';
import type { JsonSchema } from './openapi-types.ts';

/** What `#/…` leads to within `root` (RFC 6901 §6), where that is a schema. */
export function schemaAt(root: JsonSchema, reference: string): JsonSchema | undefined {
  let place: unknown = root;
  for (const step of stepsOf(reference)) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, step))
      return undefined;
    place = (place as Record<string, unknown>)[step];
  }
  return isSchema(place) ? place : undefined;
}

/** The last name of a reference, for what is found there. */
export function lastStep(reference: string): string {
  return stepsOf(reference).at(-1) ?? '';
}

/** A text that is equal for references, within whatever roots, that lead to the same: with all that is behind them. */
export function textBehind(root: JsonSchema, reference: string): string {
  const found = new Map<string, string>();
  const follow = (from: string): void => {
    if (found.has(from)) return;
    const schema = schemaAt(root, from);
    found.set(from, textOf(schema));
    for (const next of schema === undefined ? [] : referencesIn(schema)) follow(next);
  };
  follow(reference);
  return textOf([...found]);
}

/** References within the document that they stand in, those of inner schemas too. */
export function referencesIn(schema: JsonSchema): readonly string[] {
  const found: string[] = [];
  const look = (inner: JsonSchema): JsonSchema => {
    const reference = inner['$ref'];
    if (typeof reference === 'string' && reference.startsWith('#')) found.push(reference);
    return mapSubschemas(inner, (each) => look(each));
  };
  look(withoutDefinitions(schema));
  return found;
}

/** Without what only defines, and without what only names the schema or its dialect. */
export function withoutDefinitions(schema: JsonSchema): JsonSchema {
  const {
    $schema: _schema,
    $defs: _defs,
    definitions: _definitions,
    id: _id,
    $id: _own,
    ...rest
  } = schema;
  return rest;
}

/** Equal for equal values, whatever the order of their keys. */
export function textOf(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: unknown) =>
    isSchema(inner) ? Object.fromEntries(Object.entries(inner).toSorted(byKey)) : inner,
  );
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function stepsOf(reference: string): readonly string[] {
  if (reference === '#' || reference === '#/') return [];
  const decoded = decode(reference.slice(2));
  return decoded.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
