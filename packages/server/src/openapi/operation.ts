import { REASON_PHRASES } from '@needletail/wire';
import type { RouteInfo } from '../app/route.ts';
import type { OpenApiOptions } from './openapi-options.ts';
import type {
  JsonSchema,
  OpenApiResponse,
  Operation,
  Parameter,
  SecurityRequirement,
} from './openapi-types.ts';
import { capitalised } from './operation-ids.ts';
import { namedParameters, pathParameters } from './parameters.ts';
import type { PathParameter } from './path-template.ts';
import type { RouteSchemas } from './route-schemas.ts';
import type { SchemaComponents } from './schema-components.ts';
import type { SchemaSide } from './schema-source.ts';

/** Which operation of a document it is. */
export interface OperationPlace {
  readonly id: string;
  /** With the labels of its path. */
  readonly parameters: readonly PathParameter[];
}

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';
/** The problem document of input that a schema refuses (RFC 9457), as the server writes it. */
const INPUT_PROBLEM: JsonSchema = {
  title: 'InputProblem',
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer', const: 422 },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          in: { enum: ['params', 'query', 'headers', 'cookies', 'body'] },
          path: { type: 'string' },
          pointer: { type: 'string' },
          message: { type: 'string' },
        },
        required: ['in', 'path', 'message'],
      },
    },
  },
  required: ['type', 'title', 'status'],
};

/** Counted once for each route with input, before operations are made. */
export function countInputProblem(schemas: RouteSchemas, components: SchemaComponents): void {
  if (hasInput(schemas)) components.count(INPUT_PROBLEM);
}

export function makeOperation(
  route: RouteInfo,
  { id, parameters }: OperationPlace,
  schemas: RouteSchemas,
  components: SchemaComponents,
  options: OpenApiOptions,
): Operation {
  const { summary, description, deprecated } = route.options;
  const place = (schema: JsonSchema, name: string, side: SchemaSide): JsonSchema =>
    components.place(schema, { name: capitalised(id) + name, side });
  const all = parametersOf(parameters, schemas, components, place);
  const security = options.routeSecurity?.(route);
  return {
    operationId: id,
    ...(summary === undefined ? {} : { summary }),
    ...(description === undefined ? {} : { description }),
    ...(route.tags.length === 0 ? {} : { tags: route.tags }),
    ...(deprecated === true ? { deprecated } : {}),
    ...(all.length === 0 ? {} : { parameters: all }),
    ...bodyOf(route, schemas, place, options),
    responses: responsesOf(schemas, place),
    ...(security === undefined
      ? {}
      : { security: security satisfies readonly SecurityRequirement[] }),
  };
}

type Place = (schema: JsonSchema, name: string, side: SchemaSide) => JsonSchema;

function parametersOf(
  parameters: readonly PathParameter[],
  { params, query, headers, cookies }: RouteSchemas,
  components: SchemaComponents,
  place: Place,
): Parameter[] {
  const follow = (schema: JsonSchema): JsonSchema => components.follow(schema);
  const described = params && place(params, 'Params', 'input');
  const named = (where: 'query' | 'header' | 'cookie', schema: JsonSchema | null): Parameter[] =>
    schema === null
      ? []
      : namedParameters(where, place(schema, capitalised(where), 'input'), follow);
  return [
    ...pathParameters(parameters, described, follow),
    ...named('query', query),
    ...named('header', headers),
    ...named('cookie', cookies),
  ];
}

function bodyOf(
  route: RouteInfo,
  { body }: RouteSchemas,
  place: Place,
  { bodyTypes }: OpenApiOptions,
): Pick<Operation, 'requestBody'> {
  if (body === null) return {};
  const schema = place(body, 'Body', 'input');
  const types = bodyTypes?.(route) ?? [JSON_TYPE];
  const content = Object.fromEntries(types.map((type) => [type, { schema }]));
  return { requestBody: { required: true, content } };
}

function responsesOf(schemas: RouteSchemas, place: Place): Operation['responses'] {
  const responses: Record<string, OpenApiResponse> = {};
  for (const [status, schema] of schemas.responses) {
    const name = status === 200 ? 'Response' : `Response${status}`;
    responses[status] = responseOf(status, JSON_TYPE, place(schema, name, 'output'));
  }
  const hasSuccess = [...schemas.responses.keys()].some((status) => status < 400);
  if (!hasSuccess) responses[200] = { description: phraseOf(200) };
  if (hasInput(schemas) && responses[422] === undefined) {
    responses[422] = responseOf(422, PROBLEM_TYPE, place(INPUT_PROBLEM, 'InputProblem', 'output'));
  }
  return responses;
}

/** Answers without a body have no content, whatever their schema says (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
function responseOf(status: number, type: string, schema: JsonSchema): OpenApiResponse {
  const description = phraseOf(status);
  const isEmpty = status < 200 || status === 204 || status === 205 || status === 304;
  return isEmpty ? { description } : { description, content: { [type]: { schema } } };
}

function phraseOf(status: number): string {
  return REASON_PHRASES[status] ?? `Status ${status}`;
}

function hasInput({ params, query, headers, cookies, body }: RouteSchemas): boolean {
  return [params, query, headers, cookies, body].some((schema) => schema !== null);
}
