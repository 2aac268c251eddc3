import type { RouteInfo } from '../app/route.ts';
import type { JsonSchema } from './openapi-types.ts';
import type { OpenApiWarning } from './openapi-options.ts';
import type { SchemaComponents } from './schema-components.ts';
import { describeSchema, type SchemaSide, type ToJsonSchema } from './schema-source.ts';

/** What the schemas of a route say of themselves; null where there is no schema, `{}` where one says nothing. */
export interface RouteSchemas {
  readonly params: JsonSchema | null;
  readonly query: JsonSchema | null;
  readonly headers: JsonSchema | null;
  readonly cookies: JsonSchema | null;
  readonly body: JsonSchema | null;
  /** By status. */
  readonly responses: ReadonlyMap<number, JsonSchema>;
}

/** Describes each schema, and counts those that may become components. */
export function routeSchemas(
  { options }: RouteInfo,
  where: string,
  toJsonSchema: ToJsonSchema | undefined,
  components: SchemaComponents,
  warnings: OpenApiWarning[],
): RouteSchemas {
  const describe = (
    schema: (typeof options)['body'],
    side: SchemaSide,
    what: string,
  ): JsonSchema | null => {
    if (schema === undefined) return null;
    const described = describeSchema(schema, side, toJsonSchema);
    if (described.json !== null) return described.json;
    warnings.push({ message: `${what} is described as {}: ${described.reason}`, where });
    return {};
  };
  const counted = (described: JsonSchema | null): JsonSchema | null => {
    if (described !== null) components.count(described);
    return described;
  };
  const responses = { ...(options.response && { 200: options.response }), ...options.responses };
  return {
    params: describe(options.params, 'input', 'params'),
    query: describe(options.query, 'input', 'query'),
    headers: describe(options.headers, 'input', 'headers'),
    cookies: describe(options.cookies, 'input', 'cookies'),
    body: counted(describe(options.body, 'input', 'body')),
    responses: new Map(
      Object.entries(responses).map(([status, schema]) => {
        return [Number(status), counted(describe(schema, 'output', `response ${status}`))!];
      }),
    ),
  };
}
