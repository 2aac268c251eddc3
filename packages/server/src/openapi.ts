export { describeApp, type DescribableApp } from './openapi/describe-app.ts';
export { OpenApiError } from './openapi/openapi-error.ts';
export type { DescribedApp, OpenApiOptions, OpenApiWarning } from './openapi/openapi-options.ts';
export type {
  JsonSchema,
  OpenApiComponents,
  OpenApiDocument,
  OpenApiInfo,
  OpenApiMethod,
  OpenApiResponse,
  OpenApiServer,
  OpenApiTag,
  Operation,
  Parameter,
  PathItem,
  SecurityRequirement,
  SecurityScheme,
} from './openapi/openapi-types.ts';
export type { DescribableSchema, SchemaSide, ToJsonSchema } from './openapi/schema-source.ts';
export { serveOpenApi, type ServeOpenApiOptions } from './openapi/serve-openapi.ts';
