// Hot: what it makes runs for each answer of a route with response schemas, and allocates what the schema does.
// The value is what a handler returned, before it is made JSON. Guarded by compile-output.test.ts.
import { ServerError } from '../errors.ts';
import { placeOf } from './issue-path.ts';
import type { SchemaIssue, SchemaResult, StandardSchema } from './standard-schema.ts';
import { isLater, validate } from './validate.ts';

/** What of a value goes to the client, given the status it is answered with; a promise where the schema gives one. */
export type OutputFilter = (status: number, value: unknown) => unknown;

const SHOWN_ISSUES = 3;

/** A handler returned what its response schema refuses; answered with 500 and reported, and nothing of it is sent. */
export class OutputError extends ServerError {
  override readonly name = 'OutputError';
  readonly issues: readonly SchemaIssue[];

  constructor(issues: readonly SchemaIssue[], where: string) {
    const shown = issues
      .slice(0, SHOWN_ISSUES)
      .map((issue) => `${placeOf(issue).path}: ${issue.message}`)
      .join('; ');
    const more = issues.length > SHOWN_ISSUES ? `; and ${issues.length - SHOWN_ISSUES} more` : '';
    super({
      code: 'INVALID_OUTPUT',
      problem: 'Answer not sent',
      reason: `it is not what its schema wants: ${shown}${more}`,
      where,
      remedy: 'Compare what the handler returns with the response schema of the route',
    });
    this.issues = issues;
  }
}

/**
 * Validates what handlers return by the schema for its status, and lets through what the schema makes of it: what it does not
 * name is not sent. A status without a schema passes. Null where there are no schemas.
 */
export function compileOutput(
  responses: Readonly<Record<number, StandardSchema>>,
  { where = 'output' }: { readonly where?: string } = {},
): OutputFilter | null {
  const schemas = new Map(
    Object.entries(responses).map(([status, schema]) => [Number(status), schema]),
  );
  if (schemas.size === 0) return null;
  return (status, value) => {
    const schema = schemas.get(status);
    if (schema === undefined) return value;
    const place = `${where}, ${status}`;
    const result = validate(schema, value, place);
    if (!isLater(result)) return outputOf(result, place);
    return result.then((settled) => outputOf(settled, place));
  };
}

function outputOf(result: SchemaResult<unknown>, where: string): unknown {
  if (result.issues === undefined) return result.value;
  throw new OutputError(result.issues, where);
}
