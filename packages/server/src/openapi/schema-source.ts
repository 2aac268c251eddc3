import type { JsonSchema } from './openapi-types.ts';

/** Which side of a schema: what it accepts, or what it makes of that. */
export type SchemaSide = 'input' | 'output';

/** A schema that may describe itself (Standard JSON Schema, standardschema.dev). */
export interface DescribableSchema {
  readonly '~standard': {
    readonly types?: unknown;
    readonly jsonSchema?: JsonSchemaSource | undefined;
  };
}

interface JsonSchemaSource {
  readonly input: (options: { readonly target: 'draft-2020-12' }) => JsonSchema;
  readonly output: (options: { readonly target: 'draft-2020-12' }) => JsonSchema;
}

/** Describes schemas that do not describe themselves; undefined where it cannot either. */
export type ToJsonSchema = (schema: DescribableSchema, side: SchemaSide) => JsonSchema | undefined;

export type Description =
  | { readonly json: JsonSchema }
  | { readonly json: null; readonly reason: string };

/** What a schema says of itself, else what `toJsonSchema` says of it, else why neither does. */
export function describeSchema(
  schema: DescribableSchema,
  side: SchemaSide,
  toJsonSchema: ToJsonSchema | undefined,
): Description {
  const reasons: string[] = [];
  for (const source of [() => own(schema, side), () => toJsonSchema?.(schema, side)]) {
    try {
      const json: unknown = source();
      if (isObject(json)) return { json };
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { json: null, reason: reasons.join('; ') || 'it has no JSON Schema' };
}

function own(schema: DescribableSchema, side: SchemaSide): JsonSchema | undefined {
  return schema['~standard'].jsonSchema?.[side]({ target: 'draft-2020-12' });
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
