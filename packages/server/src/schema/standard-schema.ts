/**
 * An object that validates, by the Standard Schema specification (standardschema.dev, version 1): zod, valibot, arktype and
 * others make them. `Input` is what it accepts, `Output` what it makes of that.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Of schemas that describe themselves (Standard JSON Schema). */
    readonly jsonSchema?: JsonSchemaSource | undefined;
  };
}

/** JSON Schemas of both sides of a schema; a library throws for what it cannot describe. */
interface JsonSchemaSource {
  readonly input: (options: { readonly target: 'draft-07' | 'draft-2020-12' }) => JsonSchema;
  readonly output: (options: { readonly target: 'draft-07' | 'draft-2020-12' }) => JsonSchema;
}

export type JsonSchema = Record<string, unknown>;

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema accepts. */
export type InferInput<Schema extends StandardSchema> = NonNullable<
  Schema['~standard']['types']
>['input'];

/** What a schema makes of what it accepts. */
export type InferOutput<Schema extends StandardSchema> = NonNullable<
  Schema['~standard']['types']
>['output'];
