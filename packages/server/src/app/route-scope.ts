import { AppFrozenError } from '../errors.ts';
import type { Container } from '../inject/container.ts';
import type { NoNeeds, Provider } from '../inject/provider.ts';
import type { Needs, Token } from '../inject/token.ts';
import type { WebSocketOptions } from '../websocket/websocket-options.ts';
import { callSite } from './call-site.ts';
import {
  checkHook,
  checkPlugin,
  checkPrefix,
  checkRoute,
  checkSocket,
} from './check-registration.ts';
import type { Context } from './context.ts';
import { isOfServer, noHooks, type HookLists, type HookName, type Hooks } from './hooks.ts';
import { toMiddleware, type AddedBy, type Middleware, type MiddlewareInput } from './middleware.ts';
import { joinPattern, type AnyHandler, type Route, type ScopeSettings } from './route.ts';
import type {
  Handler,
  Joined,
  LocalsOf,
  RouteOptions,
  RouteType,
  WithLocals,
  WithRoute,
} from './route-options.ts';
import type { SocketRoute } from './socket-routes.ts';

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
  readonly sockets: SocketRoute[];
  readonly starting: Promise<void>[];
  container: Container;
  /** Of the server, whichever scope they were registered in. */
  readonly hooks: HookLists;
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
export class RouteScope<State = object, Prefix extends string = ''> {
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
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object, Result>,
  ): this & WithRoute<'GET', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, object, Result>>;
  get<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options, Result>,
  ): this &
    WithRoute<'GET', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, Options, Result>>;
  get(path: string, ...rest: RouteArguments): unknown {
    return this.#add('GET', path, rest);
  }

  post<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object, Result>,
  ): this &
    WithRoute<'POST', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, object, Result>>;
  post<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options, Result>,
  ): this &
    WithRoute<'POST', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, Options, Result>>;
  post(path: string, ...rest: RouteArguments): unknown {
    return this.#add('POST', path, rest);
  }

  put<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object, Result>,
  ): this & WithRoute<'PUT', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, object, Result>>;
  put<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options, Result>,
  ): this &
    WithRoute<'PUT', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, Options, Result>>;
  put(path: string, ...rest: RouteArguments): unknown {
    return this.#add('PUT', path, rest);
  }

  patch<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object, Result>,
  ): this &
    WithRoute<'PATCH', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, object, Result>>;
  patch<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options, Result>,
  ): this &
    WithRoute<'PATCH', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, Options, Result>>;
  patch(path: string, ...rest: RouteArguments): unknown {
    return this.#add('PATCH', path, rest);
  }

  delete<const Path extends string, Result>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object, Result>,
  ): this &
    WithRoute<'DELETE', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, object, Result>>;
  delete<const Path extends string, const Options extends RouteOptions, Result>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options, Result>,
  ): this &
    WithRoute<'DELETE', Joined<Prefix, Path>, RouteType<Joined<Prefix, Path>, Options, Result>>;
  delete(path: string, ...rest: RouteArguments): unknown {
    return this.#add('DELETE', path, rest);
  }

  /** In place of what HEAD gets from the route of GET. */
  head<const Path extends string>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object>,
  ): this;
  head<const Path extends string, const Options extends RouteOptions>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options>,
  ): this;
  head(path: string, ...rest: RouteArguments): unknown {
    return this.#add('HEAD', path, rest);
  }

  /** In place of the list of methods that OPTIONS gets by itself. */
  options<const Path extends string>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object>,
  ): this;
  options<const Path extends string, const Options extends RouteOptions>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options>,
  ): this;
  options(path: string, ...rest: RouteArguments): unknown {
    return this.#add('OPTIONS', path, rest);
  }

  /** GET, POST, PUT, PATCH, DELETE and OPTIONS. */
  all<const Path extends string>(
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object>,
  ): this;
  all<const Path extends string, const Options extends RouteOptions>(
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options>,
  ): this;
  all(path: string, ...rest: RouteArguments): unknown {
    for (const verb of ALL_VERBS) this.#add(verb, path, rest);
    return this;
  }

  /** Any method, PURGE or PROPFIND for instance; in capitals, as clients send them. */
  route<const Path extends string>(
    method: string,
    path: Path,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, object>,
  ): this;
  route<const Path extends string, const Options extends RouteOptions>(
    method: string,
    path: Path,
    options: Options,
    handler: Handler<State, LocalsOf<this>, Joined<Prefix, Path>, Options>,
  ): this;
  route(method: string, path: string, ...rest: RouteArguments): unknown {
    return this.#add(method, path, rest);
  }

  /** WebSockets; `WebSocketOptions` has what may be said of them. Middleware of the scope runs before the handshake. */
  ws<Data = undefined>(
    path: string,
    options: WebSocketOptions<Data, Context<State, LocalsOf<this>>>,
  ): this {
    this.#refuseWhenFrozen(`ws ${path}`);
    checkSocket(path, options);
    this.#registry.sockets.push({
      pattern: joinPattern(this.#settings.prefix, path),
      options: options as unknown as SocketRoute['options'],
      scope: this.#settings,
      where: callSite(),
    });
    return this;
  }

  /** Middleware around every route of this scope, in the order given; that of the scopes around it goes before. */
  use<const Given extends readonly MiddlewareInput[]>(
    ...middleware: Given
  ): this & WithLocals<AddedBy<Given>> {
    this.#refuseWhenFrozen('middleware');
    this.#settings.middleware.push(...middleware.map(toMiddleware));
    return this as this & WithLocals<AddedBy<Given>>;
  }

  /** See `Hooks` for the moments there are. */
  on<Name extends HookName>(name: Name, hook: Hooks[Name]): this {
    this.#refuseWhenFrozen(`hook ${name}`);
    checkHook(name, hook);
    const lists = isOfServer(name) ? this.#registry.hooks : this.#settings.hooks;
    lists[name].push(hook);
    return this;
  }

  /**
   * A scope within this one, whose routes begin with `prefix`; `fill` adds to it, and it is returned too, to add to it later.
   * Its routes are no part of the type of this one: a typed client of both is one of `typeof app & typeof group`.
   */
  group<const Path extends string>(
    prefix: Path,
    options: GroupOptions = {},
    fill?: (group: Group<State, Joined<Prefix, Path>, LocalsOf<this>>) => void,
  ): Group<State, Joined<Prefix, Path>, LocalsOf<this>> {
    this.#refuseWhenFrozen(`group ${prefix}`);
    checkPrefix(prefix);
    const whole = joinPattern(this.#settings.prefix, prefix);
    const tags = options.tags ?? [];
    const group = new RouteScope<State, Joined<Prefix, Path>>(
      this.#registry,
      this.#settings,
      whole === '/' ? '' : whole,
      tags,
    ) as Group<State, Joined<Prefix, Path>, LocalsOf<this>>;
    fill?.(group);
    return group;
  }

  /** Runs the plugin in a scope of its own: its middleware and hooks stay in it. */
  register<Options>(
    plugin: Plugin<Options>,
    ...[options]: Options extends void ? [] : [options: Options]
  ): this {
    checkPlugin(plugin);
    this.#refuseWhenFrozen(`plugin ${plugin.name}`);
    const scope = new RouteScope(this.#registry, this.#settings, this.#settings.prefix);
    const done = plugin.setup(scope, options as Options);
    if (done !== undefined) {
      this.#registry.starting.push(done);
      // The start awaits it, and may come later than the failure.
      done.catch(() => undefined);
    }
    return this;
  }

  /** Says how to make what routes ask for with `inject`; for the whole application, whatever the scope. */
  provide<Value, const Wanted extends Needs = NoNeeds>(
    token: Token<Value>,
    provider: Provider<NoInfer<Value>, Wanted>,
  ): this {
    this.#refuseWhenFrozen(`provider of ${token.name}`);
    this.#registry.container.provide(token, provider);
    return this;
  }

  /** Puts another provider in place of one that is there: for tests, before the start. */
  override<Value, const Wanted extends Needs = NoNeeds>(
    token: Token<Value>,
    provider: Provider<NoInfer<Value>, Wanted>,
  ): this {
    this.#refuseWhenFrozen(`provider of ${token.name}`);
    this.#registry.container = this.#registry.container.override(token, provider);
    return this;
  }

  protected get settings(): ScopeSettings {
    return this.#settings;
  }

  #add(method: string, path: string, rest: RouteArguments): this {
    this.#refuseWhenFrozen(`${method} ${path}`);
    checkRoute(method, path, rest);
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

/** A scope with a prefix, and the locals of the scopes around it. */
export type Group<State, Prefix extends string, Locals> = RouteScope<State, Prefix> &
  WithLocals<Locals>;

type RouteArguments =
  | readonly [handler: unknown]
  | readonly [options: RouteOptions, handler: unknown];
