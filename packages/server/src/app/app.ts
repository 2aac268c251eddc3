import { setMaxListeners } from 'node:events';
import { AppClosedError } from '../errors.ts';
import type { BackendName } from '../listen/backend.ts';
import type { Closing } from '../listen/cluster/cluster-options.ts';
import type { Dispatch, Listening, ServerRequest } from '../listen/exchange.ts';
import { reporterOf } from '../listen/handler-errors.ts';
import { listenOn, type BackendListening } from '../listen/listen-on.ts';
import { DEFAULT_SERVER_LIMITS, type ServerOptions } from '../listen/server-options.ts';
import type { SlashPolicy } from '../router/router.ts';
import { inject, type InjectRequest, type Injected } from '../in-process/inject.ts';
import { answerFetch } from '../in-process/web-fetch.ts';
import { Container } from '../inject/container.ts';
import { TopicHub } from '../websocket/topic-hub.ts';
import { checkAppOptions, checkListenOptions } from './check-options.ts';
import type { Dispatcher } from './dispatcher.ts';
import { freeze } from './freeze.ts';
import { noHooks, type HookLists, type ListenAddress } from './hooks.ts';
import type { AnyContext } from './middleware.ts';
import { infoOf, type RouteInfo } from './route.ts';
import { RouteScope, type Registry } from './route-scope.ts';

export interface AppOptions<State> {
  /** Shared by all requests: `c.state`. */
  readonly state?: State;
  /** What a slash at the end of a path means; 'strict' unless given. */
  readonly trailingSlash?: SlashPolicy;
  /** Of bodies that are read whole, unless the route has a limit of its own; 1 MiB unless given. */
  readonly bodyLimitBytes?: number;
  /** Lets `currentContext()` find the request from code far from the handler; costs each request (see docs/server). */
  readonly currentContext?: boolean;
  /** In place of the problem document of a 404. */
  readonly notFound?: (c: AnyContext) => unknown;
  /** What went wrong in the program; printed to stderr unless given. What clients do wrong is not reported. */
  readonly onError?: (error: unknown, request?: ServerRequest) => void;
}

/** How and where to listen. */
export interface AppListenOptions extends Omit<ServerOptions, 'onError' | 'onUpgrade'> {
  /** 'wire' unless given here or by NEEDLETAIL_SERVER. */
  readonly server?: BackendName;
}

/** A listener of an application; its `close` is that of the application. */
export interface AppListening extends BackendListening, ListenAddress {}

/** An application: routes, and what goes around them; listens, or answers in the same process. */
export class App<State extends object = object> extends RouteScope<State> {
  readonly #registry: Registry;
  readonly #options: AppOptions<State>;
  /** The WebSockets of this application, to publish and broadcast to. */
  readonly sockets: TopicHub;
  readonly #report: NonNullable<AppOptions<State>['onError']>;
  #dispatcher: Dispatcher | null = null;
  #starting: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  readonly #endings = new AbortController();
  readonly #listening = new Set<Listening>();

  constructor(options: AppOptions<State> = {}) {
    checkAppOptions(options);
    const registry: Registry = {
      routes: [],
      sockets: [],
      starting: [],
      container: new Container(),
      hooks: noHooks(),
      isFrozen: false,
    };
    super(registry, null);
    // Each request may have one.
    setMaxListeners(0, this.#endings.signal);
    this.#registry = registry;
    this.#options = options;
    this.#report = reporterOf(options.onError);
    this.sockets = new TopicHub({ onError: (error) => this.#report(error) });
  }

  /** Every route, in the order of registration. */
  routes(): readonly RouteInfo[] {
    return this.#registry.routes.map(infoOf);
  }

  /**
   * Waits for plugins and decides everything that can be decided before a request. Called by `listen`, `fetch` and `inject`;
   * rejects with what a plugin or a `ready` hook threw, and with a RouteError for routes that contradict each other.
   */
  ready(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /**
   * Accepts connections: on 127.0.0.1 and any free port unless told otherwise. May be called for several places. Rejects with what
   * a `listen` hook threw too, and accepts no more then.
   */
  async listen(given: AppListenOptions = {}): Promise<AppListening> {
    checkListenOptions(given);
    const { server, ...options } = given;
    if (this.#closing !== null) throw new AppClosedError('listen');
    await this.ready();
    const dispatch: Dispatch = (request, reply) => this.#dispatcher!.dispatch(request, reply);
    const listening = await listenOn(server, dispatch, {
      onStop: (closing) => this.close(closing),
      ...options,
      ...(this.#registry.sockets.length === 0 ? {} : { onUpgrade: this.#upgrade }),
      onError: (error, request) => this.#report(error, request),
    });
    this.#listening.add(listening);
    const { port, host, backend } = listening;
    const address: ListenAddress = { port, host, backend, url: urlOf(listening, options) };
    try {
      for (const hook of this.#hooks.listen) await hook(address);
    } catch (error) {
      this.#listening.delete(listening);
      await listening.close({ graceMs: 0 });
      throw error;
    }
    return { ...listening, ...address, close: (closing) => this.close(closing) };
  }

  /**
   * Runs the `drain` hooks, stops accepting, ends event streams, closes WebSockets with 1001, lets what is under way end for `graceMs`, then runs the `close` hooks and
   * disposes of singletons. Once: further calls give the same promise.
   */
  close(options: Closing = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close(options: Closing): Promise<void> {
    const listening = [...this.#listening];
    this.#listening.clear();
    if (listening.length > 0) for (const hook of this.#hooks.drain) await hook();
    const closing = listening.map((each) => each.close(options));
    this.#endings.abort(new AppClosedError('request'));
    await Promise.all([...closing, this.sockets.closeAll(options.graceMs)]);
    for (const hook of this.#hooks.close) await hook();
    await this.#registry.container.close();
  }

  /** A web-standard handler: for Bun, Deno and workers, under other servers, and for clients in the same process. */
  readonly fetch = async (request: Request): Promise<Response> => {
    await this.ready();
    return answerFetch(this.#dispatcher!, request);
  };

  /** Answers one request without a socket; for tests. */
  async inject(request: InjectRequest | string): Promise<Injected> {
    await this.ready();
    return inject(this.#dispatcher!, request);
  }

  readonly #upgrade: NonNullable<ServerOptions['onUpgrade']> = (request, reply, takeOver) =>
    this.#dispatcher!.upgrade(request, reply, takeOver);

  get #hooks(): HookLists {
    return this.#registry.hooks;
  }

  async #start(): Promise<void> {
    for (let at = 0; at < this.#registry.starting.length; at += 1) {
      await this.#registry.starting[at];
    }
    this.#registry.isFrozen = true;
    const { trailingSlash, bodyLimitBytes, currentContext, notFound, state } = this.#options;
    this.#dispatcher = freeze(this.#registry.routes, {
      sockets: this.#registry.sockets,
      hub: this.sockets,
      container: this.#registry.container,
      state: state ?? {},
      bodyLimitBytes: bodyLimitBytes ?? DEFAULT_SERVER_LIMITS.bodyBytes,
      closing: this.#endings.signal,
      trailingSlash: trailingSlash ?? 'strict',
      hasCurrentContext: currentContext === true,
      notFound: notFound ?? null,
      root: this.settings,
      report: (error, request) => this.#report(error, request),
    });
    await this.#registry.container.start();
    for (const hook of this.#hooks.ready) await hook();
  }
}

/** Of a unix socket `unix:` and its path, which no URL of HTTP has a place for. */
function urlOf({ host, port }: Listening, { tls, socketPath }: AppListenOptions): string {
  if (socketPath !== undefined) return `unix:${socketPath}`;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${tls === undefined ? 'http' : 'https'}://${shown}:${port}`;
}
