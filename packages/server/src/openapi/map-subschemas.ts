import type { JsonSchema } from './openapi-types.ts';

/** Where JSON Schema (draft 2020-12, core §10, §11) has schemas in a schema; everything else in it is data. */
const ONE = new Set([
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const BY_NAME = new Set([
  '$defs',
  'definitions',
  'dependentSchemas',
  'patternProperties',
  'properties',
]);

/** A copy in which each schema directly within this one is what `change` makes of it. */
export function mapSubschemas(
  schema: JsonSchema,
  change: (inner: JsonSchema) => JsonSchema,
): JsonSchema {
  const changed = (value: unknown): unknown => (isSchema(value) ? change(value) : value);
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (ONE.has(key)) return [key, changed(value)];
    if (LIST.has(key) && Array.isArray(value)) return [key, value.map(changed)];
    if (BY_NAME.has(key) && isSchema(value)) {
      const inner = Object.entries(value).map(([name, each]) => [name, changed(each)] as const);
      return [key, Object.fromEntries(inner)];
    }
    return [key, value];
  });
  return Object.fromEntries(entries);
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
