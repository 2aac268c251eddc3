import type { RouteInfo } from '../app/route.ts';
import { OpenApiError } from './openapi-error.ts';
import type { DescribedApp, OpenApiOptions, OpenApiWarning } from './openapi-options.ts';
import type { OpenApiDocument, OpenApiMethod, Operation } from './openapi-types.ts';
import { countInputProblem, makeOperation } from './operation.ts';
import { OperationIds } from './operation-ids.ts';
import { pathTemplates, type PathTemplate } from './path-template.ts';
import { routeSchemas, type RouteSchemas } from './route-schemas.ts';
import { SchemaComponents } from './schema-components.ts';

/** What has routes: an `App`. */
export interface DescribableApp {
  routes(): readonly RouteInfo[];
}

const METHODS: ReadonlySet<string> = new Set<OpenApiMethod>([
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
]);

/** A route with what was found out about it. */
interface Described {
  readonly route: RouteInfo;
  readonly where: string;
  readonly schemas: RouteSchemas;
}

/**
 * The OpenAPI 3.1 document of the routes that are registered by now, but for hidden ones. What cannot be said is left out or
 * said loosely, with a warning. Throws OpenApiError: DUPLICATE_OPERATION_ID, UNKNOWN_SECURITY_SCHEME.
 */
export function describeApp(app: DescribableApp, options: OpenApiOptions): DescribedApp {
  const warnings: OpenApiWarning[] = [];
  const routes = app.routes().filter((route) => isDescribable(route, warnings));
  let where = '';
  const components = new SchemaComponents((reference) =>
    warnings.push({ message: `${reference} leads nowhere in its schema`, where }),
  );
  const described = routes.map((route): Described => {
    const place = placeOf(route);
    const schemas = routeSchemas(route, place, options.toJsonSchema, components, warnings);
    countInputProblem(schemas, components);
    return { route, where: place, schemas };
  });
  const ids = new OperationIds(routes);
  const paths = new Paths(warnings);
  for (const { route, schemas, where: place } of described) {
    where = place;
    refuseUnknownSchemes(options, options.routeSecurity?.(route) ?? [], where);
    for (const [index, template] of pathTemplates(route.pattern).entries()) {
      const taken = paths.take(route, template);
      if (taken === null) continue;
      const id = ids.idFor(route, taken.path, index === 0);
      const at = { id, parameters: taken.parameters };
      paths.add(route, taken, makeOperation(route, at, schemas, components, options));
    }
  }
  refuseUnknownSchemes(options, options.security ?? [], 'security');
  return { document: documentOf(options, paths, components), warnings };
}

function documentOf(
  { info, servers, tags, security, securitySchemes }: OpenApiOptions,
  paths: Paths,
  { schemas }: SchemaComponents,
): OpenApiDocument {
  const components = {
    ...(schemas === undefined ? {} : { schemas }),
    ...(securitySchemes === undefined ? {} : { securitySchemes }),
  };
  return {
    openapi: '3.1.1',
    info,
    ...(servers === undefined ? {} : { servers }),
    ...(tags === undefined ? {} : { tags }),
    ...(security === undefined ? {} : { security }),
    paths: paths.items,
    ...(Object.keys(components).length === 0 ? {} : { components }),
  };
}

/** Paths by their shape: the first route says how parameters are called. */
class Paths {
  readonly #templates = new Map<string, PathTemplate>();
  readonly #items = new Map<string, Map<string, { operation: Operation; route: RouteInfo }>>();
  readonly #reserved = new Map<string, RouteInfo>();
  readonly #warnings: OpenApiWarning[];

  constructor(warnings: OpenApiWarning[]) {
    this.#warnings = warnings;
  }

  /** The template that the document has for such paths, with the parameters of this one; null when the place is taken. */
  take(route: RouteInfo, template: PathTemplate): PathTemplate | null {
    const first = this.#templates.get(template.shape) ?? template;
    this.#templates.set(template.shape, first);
    const key = `${route.method} ${template.shape}`;
    const other = this.#reserved.get(key);
    if (other !== undefined) {
      const message = `left out: OpenAPI cannot tell ${template.path} from ${placeOf(other)}`;
      this.#warnings.push({ message, where: placeOf(route) });
      return null;
    }
    this.#reserved.set(key, route);
    const parameters = template.parameters.map((parameter, index) => ({
      ...parameter,
      label: first.parameters[index]!.label,
    }));
    return { ...first, parameters };
  }

  add(route: RouteInfo, { path }: PathTemplate, operation: Operation): void {
    const item = this.#items.get(path) ?? new Map();
    this.#items.set(path, item.set(route.method.toLowerCase(), { operation, route }));
  }

  get items(): OpenApiDocument['paths'] {
    return Object.fromEntries(
      [...this.#items].map(([path, item]) => [
        path,
        Object.fromEntries([...item].map(([method, { operation }]) => [method, operation])),
      ]),
    );
  }
}

function isDescribable(route: RouteInfo, warnings: OpenApiWarning[]): boolean {
  if (route.options.isHidden === true) return false;
  if (METHODS.has(route.method.toLowerCase())) return true;
  const message = `left out: OpenAPI 3.1 has no method ${route.method}`;
  warnings.push({ message, where: placeOf(route) });
  return false;
}

function refuseUnknownSchemes(
  { securitySchemes = {} }: OpenApiOptions,
  security: NonNullable<OpenApiOptions['security']>,
  where: string,
): void {
  for (const name of security.flatMap((requirement) => Object.keys(requirement))) {
    if (Object.hasOwn(securitySchemes, name)) continue;
    const reason = `"${name}" is none of the securitySchemes`;
    throw new OpenApiError('UNKNOWN_SECURITY_SCHEME', reason, where, 'Define it there');
  }
}

function placeOf({ method, pattern, where }: RouteInfo): string {
  return `${method} ${pattern}${where === '' ? '' : ` at ${where}`}`;
}
