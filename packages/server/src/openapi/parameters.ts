import { isSchema } from './map-subschemas.ts';
import type { JsonSchema, Parameter } from './openapi-types.ts';
import type { PathParameter } from './path-template.ts';

/** The members of an object schema, those of an intersection together. */
interface Members {
  readonly properties: ReadonlyMap<string, JsonSchema>;
  readonly required: ReadonlySet<string>;
}

type Follow = (schema: JsonSchema) => JsonSchema;

/** Names that OpenAPI describes elsewhere, and ignores as parameters (§4.8.12.2). */
const NOT_AS_HEADERS = new Set(['accept', 'authorization', 'content-type']);

const REST = 'The rest of the path: slashes are part of it, and it may be empty.';

/** `described` is the schema of all parameters of the route, or null where there is none. */
export function pathParameters(
  parameters: readonly PathParameter[],
  described: JsonSchema | null,
  follow: Follow,
): Parameter[] {
  const { properties } = membersOf(described ?? {}, follow);
  return parameters.map(({ name, label, isRest, schema }) => {
    const own = properties.get(name);
    const made = parameterOf(label, 'path', own ?? schema, true);
    return isRest && made.description === undefined ? { ...made, description: REST } : made;
  });
}

/** One parameter for each member; what is no object is one parameter that stands for them all (§4.8.12.2.1, `form`). */
export function namedParameters(
  place: 'query' | 'header' | 'cookie',
  described: JsonSchema,
  follow: Follow,
): Parameter[] {
  const { properties, required } = membersOf(described, follow);
  if (properties.size === 0) {
    const isOpen = place === 'query' && Object.keys(described).length > 0 && !isClosed(described);
    return isOpen ? [{ name: 'query', in: 'query', schema: described }] : [];
  }
  return [...properties]
    .filter(([name]) => place !== 'header' || !NOT_AS_HEADERS.has(name.toLowerCase()))
    .map(([name, schema]) => parameterOf(name, place, schema, required.has(name)));
}

function parameterOf(
  name: string,
  place: Parameter['in'],
  schema: JsonSchema,
  isRequired: boolean,
): Parameter {
  const { description, deprecated, ...rest } = schema;
  return {
    name,
    in: place,
    ...(isRequired ? { required: true } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(deprecated === true ? { deprecated } : {}),
    schema: rest,
  };
}

function membersOf(schema: JsonSchema, follow: Follow, depth = 0): Members {
  const own = follow(schema);
  const properties = new Map<string, JsonSchema>();
  const required = new Set<string>();
  const { properties: direct, required: names, allOf } = own;
  if (isSchema(direct)) {
    for (const [name, value] of Object.entries(direct)) {
      properties.set(name, isSchema(value) ? value : {});
    }
  }
  if (Array.isArray(names)) for (const name of names) required.add(String(name));
  // An intersection that leads to itself has no end.
  const parts: readonly unknown[] = Array.isArray(allOf) && depth < 8 ? allOf : [];
  for (const part of parts) {
    if (!isSchema(part)) continue;
    const inner = membersOf(part, follow, depth + 1);
    for (const [name, value] of inner.properties) properties.set(name, value);
    for (const name of inner.required) required.add(name);
  }
  return { properties, required };
}

/** An object without members: nothing can be sent. */
function isClosed({ type, additionalProperties, propertyNames }: JsonSchema): boolean {
  return type === 'object' && propertyNames === undefined && !isSchema(additionalProperties);
}
