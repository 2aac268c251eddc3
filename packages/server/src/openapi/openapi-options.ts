import type { RouteInfo } from '../app/route.ts';
import type {
  OpenApiDocument,
  OpenApiInfo,
  OpenApiServer,
  OpenApiTag,
  SecurityRequirement,
  SecurityScheme,
} from './openapi-types.ts';
import type { ToJsonSchema } from './schema-source.ts';

export interface OpenApiOptions {
  readonly info: OpenApiInfo;
  readonly servers?: readonly OpenApiServer[];
  /** Descriptions of tags; those that only routes name need none. */
  readonly tags?: readonly OpenApiTag[];
  readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  /** Of every route that `routeSecurity` says nothing of; one of the requirements is enough. */
  readonly security?: readonly SecurityRequirement[];
  /** Of one route: `[]` for none, undefined for `security`. */
  readonly routeSecurity?: (route: RouteInfo) => readonly SecurityRequirement[] | undefined;
  /** Content types of the body of a route; `application/json` unless given. */
  readonly bodyTypes?: (route: RouteInfo) => readonly string[] | undefined;
  /** Asked for schemas without Standard JSON Schema, and for those whose library cannot describe them. */
  readonly toJsonSchema?: ToJsonSchema;
}

/** What the document does not say, or says loosely. */
export interface OpenApiWarning {
  readonly message: string;
  /** `GET /users/:id at app.ts:12` */
  readonly where: string;
}

export interface DescribedApp {
  readonly document: OpenApiDocument;
  readonly warnings: readonly OpenApiWarning[];
}
