import { AppFrozenError } from '../errors.ts';
import { callSite } from './call-site.ts';
import { noHooks, type HookName, type Hooks } from './hooks.ts';
import { toMiddleware, type Middleware, type MiddlewareInput } from './middleware.ts';
import { joinPattern, type AnyHandler, type Route, type ScopeSettings } from './route.ts';
import type {
  Handler,
  LocalsOf,
  RouteOptions,
  RouteType,
  WithLocals,
  WithRoute,
} from './route-options.ts';

/** Adds routes, middleware and hooks to a scope of its own; awaited before the server starts. */
export interface Plugin<Options = void> {
  readonly name: string;
  setup(scope: RouteScope, options: Options): void | Promise<void>;
}

export interface GroupOptions {
  readonly tags?: readonly string[];
}

/** What all scopes of an application add to. */
export interface Registry {
  readonly routes: Route[];
  readonly starting: Promise<void>[];
  isFrozen: boolean;
}

type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';
const ALL_VERBS: readonly Verb[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const NO_OPTIONS: RouteOptions = Object.freeze({});

/**
 * A part of an application: its routes share a prefix, tags, middleware and hooks, and have those of the scopes around it
 * too. Middleware and hooks of a scope apply to all its routes, whichever was registered first. Everything is decided when
 * the server starts; after that, registering throws an `AppFrozenError`.
 */
export class RouteScope<State = object> {
  /** Types only. */
  declare readonly '~routes': object;
  declare readonly '~locals': object;
  readonly #registry: Registry;
  readonly #settings: ScopeSettings & { readonly middleware: Middleware[] };

  constructor(
    registry: Registry,
    parent: ScopeSettings | null,
    prefix = '',
    tags: readonly string[] = [],
  ) {
    this.#registry = registry;
    this.#settings = { parent, prefix, tags, middleware: [], hooks: noHooks() };
  }

  /** `app.get('/users/:id', (c) => …)`, or with options in between. GET answers HEAD as well. */
  get<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object, Result>,
  ): this & WithRoute<'GET', Path, RouteType<Path, object, Result>>;
  get<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options, Result>,
  ): this & WithRoute<'GET', Path, RouteType<Path, Options, Result>>;
  get(path: string, ...rest: RouteArguments): unknown {
    return this.#add('GET', path, rest);
  }

  post<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object, Result>,
  ): this & WithRoute<'POST', Path, RouteType<Path, object, Result>>;
  post<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options, Result>,
  ): this & WithRoute<'POST', Path, RouteType<Path, Options, Result>>;
  post(path: string, ...rest: RouteArguments): unknown {
    return this.#add('POST', path, rest);
  }

  put<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object, Result>,
  ): this & WithRoute<'PUT', Path, RouteType<Path, object, Result>>;
  put<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options, Result>,
  ): this & WithRoute<'PUT', Path, RouteType<Path, Options, Result>>;
  put(path: string, ...rest: RouteArguments): unknown {
    return this.#add('PUT', path, rest);
  }

  patch<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object, Result>,
  ): this & WithRoute<'PATCH', Path, RouteType<Path, object, Result>>;
  patch<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options, Result>,
  ): this & WithRoute<'PATCH', Path, RouteType<Path, Options, Result>>;
  patch(path: string, ...rest: RouteArguments): unknown {
    return this.#add('PATCH', path, rest);
  }

  delete<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object, Result>,
  ): this & WithRoute<'DELETE', Path, RouteType<Path, object, Result>>;
  delete<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options, Result>,
  ): this & WithRoute<'DELETE', Path, RouteType<Path, Options, Result>>;
  delete(path: string, ...rest: RouteArguments): unknown {
    return this.#add('DELETE', path, rest);
  }

  /** In place of what HEAD gets from the route of GET. */
  head<const Path extends string>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object>,
  ): this;
  head<const Path extends string, const Options extends RouteOptions>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options>,
  ): this;
  head(path: string, ...rest: RouteArguments): unknown {
    return this.#add('HEAD', path, rest);
  }

  /** In place of the list of methods that OPTIONS gets by itself. */
  options<const Path extends string>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object>,
  ): this;
  options<const Path extends string, const Options extends RouteOptions>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options>,
  ): this;
  options(path: string, ...rest: RouteArguments): unknown {
    return this.#add('OPTIONS', path, rest);
  }

  /** GET, POST, PUT, PATCH, DELETE and OPTIONS. */
  all<const Path extends string>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Path, object>,
  ): this;
  all<const Path extends string, const Options extends RouteOptions>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Path, Options>,
  ): this;
  all(path: string, ...rest: RouteArguments): unknown {
    for (const verb of ALL_VERBS) this.#add(verb, path, rest);
    return this;
  }

  /** Any method, PURGE or PROPFIND for instance. */
  route(
    method: string,
    path: string,
    options: RouteOptions,
    handler: Handler<State, LocalsOf<this>>,
  ): this {
    this.#add(method, path, [options, handler as AnyHandler]);
    return this;
  }

  /** Middleware around every route of this scope, in the order given; that of the scopes around it goes before. */
  use<Adds = object>(...middleware: readonly MiddlewareInput<Adds>[]): this & WithLocals<Adds> {
    this.#refuseWhenFrozen('middleware');
    this.#settings.middleware.push(...middleware.map(toMiddleware));
    return this as this & WithLocals<Adds>;
  }

  /** See `Hooks` for the moments there are. */
  on<Name extends HookName>(name: Name, hook: Hooks[Name]): this {
    this.#refuseWhenFrozen(`hook ${name}`);
    this.#settings.hooks[name].push(hook);
    return this;
  }

  /** A scope within this one; what `fill` adds to it has the prefix. Returned too, to add to it later. */
  group(
    prefix: string,
    options: GroupOptions = {},
    fill?: (group: RouteScope<State>) => void,
  ): RouteScope<State> {
    this.#refuseWhenFrozen(`group ${prefix}`);
    const whole = joinPattern(this.#settings.prefix, prefix);
    const group = new RouteScope<State>(
      this.#registry,
      this.#settings,
      whole === '/' ? '' : whole,
      options.tags ?? [],
    );
    fill?.(group);
    return group;
  }

  /** Runs the plugin in a scope of its own: its middleware and hooks stay in it. */
  register<Options>(
    plugin: Plugin<Options>,
    ...[options]: Options extends void ? [] : [options: Options]
  ): this {
    this.#refuseWhenFrozen(`plugin ${plugin.name}`);
    const scope = new RouteScope(this.#registry, this.#settings, this.#settings.prefix);
    const done = plugin.setup(scope, options as Options);
    if (done !== undefined) this.#registry.starting.push(done);
    return this;
  }

  protected get settings(): ScopeSettings {
    return this.#settings;
  }

  #add(method: string, path: string, rest: RouteArguments): this {
    this.#refuseWhenFrozen(`${method} ${path}`);
    const [options, handler] = rest.length === 1 ? [NO_OPTIONS, rest[0]] : rest;
    this.#registry.routes.push({
      method,
      pattern: joinPattern(this.#settings.prefix, path),
      options,
      handler: handler as AnyHandler,
      scope: this.#settings,
      where: callSite(),
    });
    return this;
  }

  #refuseWhenFrozen(what: string): void {
    if (this.#registry.isFrozen) throw new AppFrozenError(what);
  }
}

type RouteArguments =
  | readonly [handler: unknown]
  | readonly [options: RouteOptions, handler: unknown];
