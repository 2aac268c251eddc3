import { UsageError, ValidationError } from '../errors.ts';
import type { ClientRequest } from './client-request.ts';
import type { SchemaIssue, SchemaResult, StandardSchema } from './client-options.ts';

const SHOWN_ISSUES = 3;

/** What `schema` makes of `value`. Throws ValidationError, and UsageError where the schema takes its time. */
export function validated<Output>(
  schema: StandardSchema<Output>,
  value: unknown,
  request: ClientRequest,
): Output {
  const result = schema['~standard'].validate(value);
  if (!(result instanceof Promise)) return outputOf(result, request);
  // What comes of it is of no interest any more.
  result.catch(() => {});
  throw new UsageError({
    code: 'INVALID_OPTION',
    phase: 'decode',
    problem: 'Response not validated',
    reason: 'the schema validates asynchronously, and json(schema) answers at once',
    remedy: 'Use await response.parse(schema)',
    method: request.method,
    url: request.url.href,
  });
}

/** `validated` for schemas of both kinds. */
export async function validatedLater<Output>(
  schema: StandardSchema<Output>,
  value: unknown,
  request: ClientRequest,
): Promise<Output> {
  return outputOf(await schema['~standard'].validate(value), request);
}

function outputOf<Output>(result: SchemaResult<Output>, request: ClientRequest): Output {
  if (result.issues === undefined) return result.value;
  const { issues } = result;
  const shown = issues.slice(0, SHOWN_ISSUES).map(describe).join('; ');
  const more = issues.length > SHOWN_ISSUES ? `; and ${issues.length - SHOWN_ISSUES} more` : '';
  throw new ValidationError(
    {
      problem: 'Response refused',
      reason: `its body is not what the schema wants: ${shown}${more}`,
      remedy: 'See error.issues, and compare schema and API',
      method: request.method,
      url: request.url.href,
    },
    issues,
  );
}

/** `items[0].id: expected a number`. */
function describe({ message, path = [] }: SchemaIssue): string {
  let place = '';
  for (const segment of path) {
    const key = typeof segment === 'object' ? segment.key : segment;
    if (typeof key === 'number') place += `[${key}]`;
    else place += place === '' ? String(key) : `.${String(key)}`;
  }
  return place === '' ? message : `${place}: ${message}`;
}
