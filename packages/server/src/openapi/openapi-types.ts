/** A JSON Schema, draft 2020-12, as OpenAPI 3.1 takes it (§4.8.24). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts of an OpenAPI 3.1.1 document that are made here; section numbers are of that specification. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: OpenApiInfo;
  readonly servers?: readonly OpenApiServer[];
  readonly tags?: readonly OpenApiTag[];
  readonly security?: readonly SecurityRequirement[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components?: OpenApiComponents;
}

/** §4.8.2 */
export interface OpenApiInfo {
  readonly title: string;
  /** Of the API that is described, not of OpenAPI. */
  readonly version: string;
  readonly summary?: string;
  /** CommonMark. */
  readonly description?: string;
  readonly termsOfService?: string;
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string };
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string };
}

/** §4.8.5 */
export interface OpenApiServer {
  readonly url: string;
  readonly description?: string;
}

/** §4.8.22 */
export interface OpenApiTag {
  readonly name: string;
  readonly description?: string;
}

/** Names of security schemes, all of which are needed, with the scopes of each (§4.8.30). */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** As the user gives it (§4.8.27): `{ type: 'http', scheme: 'bearer' }`. */
export interface SecurityScheme {
  readonly type: 'apiKey' | 'http' | 'mutualTLS' | 'oauth2' | 'openIdConnect';
  readonly [field: string]: unknown;
}

export interface OpenApiComponents {
  readonly schemas?: Readonly<Record<string, JsonSchema>>;
  readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
}

export type OpenApiMethod =
  | 'get'
  | 'put'
  | 'post'
  | 'delete'
  | 'options'
  | 'head'
  | 'patch'
  | 'trace';

/** §4.8.9 */
export type PathItem = { readonly [Method in OpenApiMethod]?: Operation };

/** §4.8.10 */
export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly deprecated?: true;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, MediaType>>;
  };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly security?: readonly SecurityRequirement[];
}

/** §4.8.12 */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: true;
  readonly description?: string;
  readonly deprecated?: true;
  readonly schema: JsonSchema;
}

interface MediaType {
  readonly schema: JsonSchema;
}

/** §4.8.17 */
export interface OpenApiResponse {
  readonly description: string;
  readonly content?: Readonly<Record<string, MediaType>>;
}
