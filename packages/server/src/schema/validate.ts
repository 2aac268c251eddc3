import { ServerError } from '../errors.ts';
import type { SchemaResult, StandardSchema } from './standard-schema.ts';

/** A schema threw, which is a fault of the program and not of the input; the cause says which. */
export class SchemaError extends ServerError {
  override readonly name = 'SchemaError';

  constructor(where: string, cause: unknown) {
    super({
      code: 'SCHEMA_THREW',
      problem: 'Value not validated',
      reason: 'the schema threw instead of reporting issues',
      where,
      remedy: 'Mend the schema, or what it calls; see error.cause',
      cause,
    });
  }
}

/** What `schema` says of `value`; `where` names the schema for the SchemaError that it throws, or rejects with. */
export function validate<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
  where: string,
): SchemaResult<Output> | Promise<SchemaResult<Output>> {
  let result: SchemaResult<Output> | Promise<SchemaResult<Output>>;
  try {
    result = schema['~standard'].validate(value);
  } catch (error) {
    throw new SchemaError(where, error);
  }
  if (!isLater(result)) return result;
  return Promise.resolve(result).catch((error: unknown) => {
    throw new SchemaError(where, error);
  });
}

/** Promises of other makes count too. */
export function isLater<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof (value as { then?: unknown } | null)?.then === 'function';
}
