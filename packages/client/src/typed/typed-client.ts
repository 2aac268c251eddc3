import type { Client } from '../client.ts';
import type { ClientResponse } from '../model/client-response.ts';
import type { RequestOptions } from '../model/client-options.ts';
import { appendQuery, encodeParams } from '../model/params.ts';
import { arrivedBody } from './arrived-body.ts';
import { queryInput } from './query-input.ts';
import { RoutePaths, type ParamValues } from './route-url.ts';
import type {
  ArrivedBody,
  CallOptions,
  OptionsArgument,
  PatternOf,
  RouteAt,
  RouteName,
  TypedApp,
  UrlOptions,
} from './typed-routes.ts';

type Verb<App extends TypedApp, Method extends string> = <Pattern extends PatternOf<App, Method>>(
  pattern: Pattern,
  ...options: OptionsArgument<CallOptions<RouteAt<App, `${Method} ${Pattern}`>>>
) => Promise<ArrivedBody<RouteAt<App, `${Method} ${Pattern}`>>>;

/**
 * Calls of the routes of one application. Each resolves with the body of a 2xx answer (JSON parsed, text, or bytes, by its
 * Content-Type; undefined where there is none) and rejects with StatusError for any other, or as the client does.
 */
export interface TypedClient<App extends TypedApp> {
  readonly get: Verb<App, 'GET'>;
  readonly post: Verb<App, 'POST'>;
  readonly put: Verb<App, 'PUT'>;
  readonly patch: Verb<App, 'PATCH'>;
  readonly delete: Verb<App, 'DELETE'>;
  /** Any route by its name, whatever its method: `api.call('GET /users/:id', { params: { id: '7' } })`. */
  call<Name extends RouteName<App>>(
    route: Name,
    ...options: OptionsArgument<CallOptions<RouteAt<App, Name>>>
  ): Promise<ArrivedBody<RouteAt<App, Name>>>;
  /** As `call`, but resolves with the whole response, whatever its status. */
  respond<Name extends RouteName<App>>(
    route: Name,
    ...options: OptionsArgument<CallOptions<RouteAt<App, Name>>>
  ): Promise<ClientResponse>;
  /** The path and query of a route: `/users/7?page=2`. */
  url<Name extends RouteName<App>>(
    route: Name,
    ...options: OptionsArgument<UrlOptions<RouteAt<App, Name>>>
  ): string;
}

/** What the types of all calls come down to. */
interface LooseOptions extends Omit<RequestOptions, 'params' | 'headers' | 'body'> {
  readonly params?: ParamValues;
  readonly query?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly bodyAs?: 'json' | 'form' | 'multipart';
}

/**
 * A client whose calls are checked against the type of an application: `typedClient<typeof app>(client)`. Nothing of the
 * application is imported but its type, and nothing of it is known when the program runs.
 */
export function typedClient<App extends TypedApp>(
  client: Pick<Client, 'request'>,
): TypedClient<App> {
  const paths = new RoutePaths();

  function urlOf(pattern: string, { params = {}, query }: LooseOptions): string {
    return appendQuery(paths.pathOf(pattern, params), encodeParams(queryInput(query), 'query'));
  }

  async function respond(
    method: string,
    pattern: string,
    options: LooseOptions = {},
  ): Promise<ClientResponse> {
    const { params: _params, query: _query, headers, body, bodyAs = 'json', ...rest } = options;
    return client.request(method, urlOf(pattern, options), {
      name: `${method} ${pattern}`,
      ...rest,
      ...(headers === undefined
        ? {}
        : { headers: headers as NonNullable<RequestOptions['headers']> }),
      ...(body === undefined ? {} : { [bodyAs]: body }),
    });
  }

  async function call(method: string, pattern: string, options?: LooseOptions): Promise<unknown> {
    return arrivedBody((await respond(method, pattern, options)).raiseForStatus());
  }

  const verb =
    (method: string) =>
    (pattern: string, options?: LooseOptions): Promise<unknown> =>
      call(method, pattern, options);

  const untyped = {
    get: verb('GET'),
    post: verb('POST'),
    put: verb('PUT'),
    patch: verb('PATCH'),
    delete: verb('DELETE'),
    call: async (route: string, options?: LooseOptions) => call(...partsOf(route), options),
    respond: async (route: string, options?: LooseOptions) => respond(...partsOf(route), options),
    url: (route: string, options: LooseOptions = {}) => urlOf(partsOf(route)[1], options),
  };
  return untyped as unknown as TypedClient<App>;
}

/** `GET /users/:id` */
function partsOf(route: string): [method: string, pattern: string] {
  const space = route.indexOf(' ');
  return [route.slice(0, space), route.slice(space + 1)];
}
