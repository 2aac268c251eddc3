import type { Container } from '../inject/container.ts';
import type { ServerRequest } from '../listen/exchange.ts';
import { empty, redirect, type Reply } from '../reply/reply.ts';
import { RadixRouter } from '../router/radix-router.ts';
import type { FindResult, SlashPolicy } from '../router/router.ts';
import type { TopicHub } from '../websocket/topic-hub.ts';
import { compileMiss, compileRoute, type CompiledRoute } from './compile-route.ts';
import { runWithin } from './current-context.ts';
import { Dispatcher } from './dispatcher.ts';
import { problem } from './http-error.ts';
import { injectSteps } from './inject-step.ts';
import { inputStep } from './input-step.ts';
import type { AnyContext } from './middleware.ts';
import { outputFilter } from './output-filter.ts';
import type { Route, ScopeSettings } from './route.ts';
import { compileSockets, plainRoute, type SocketRoute } from './socket-routes.ts';

export interface FreezeOptions {
  readonly sockets: readonly SocketRoute[];
  readonly hub: TopicHub;
  readonly container: Container;
  readonly state: object;
  readonly bodyLimitBytes: number;
  readonly closing: AbortSignal;
  readonly trailingSlash: SlashPolicy;
  readonly hasCurrentContext: boolean;
  readonly notFound: ((c: AnyContext) => unknown) | null;
  readonly root: ScopeSettings;
  report(error: unknown, request: ServerRequest): void;
}

/** Makes of what was registered what runs. Throws RouteError. */
export function freeze(routes: readonly Route[], options: FreezeOptions): Dispatcher {
  const { trailingSlash, root } = options;
  const router = new RadixRouter<CompiledRoute>({ trailingSlash });
  const scopeOf = new Map<CompiledRoute, ScopeSettings>();
  const plain = options.sockets.filter(({ pattern }) => !hasGet(routes, pattern)).map(plainRoute);
  for (const route of [...routes, ...plain]) {
    const compiled = compileRoute(route, {
      input: inputStep(route, options.bodyLimitBytes),
      inject: injectSteps(route, options.container, (error, c) => options.report(error, c.request)),
      filter: outputFilter(route),
    });
    scopeOf.set(compiled, route.scope);
    router.add(route.method, route.pattern, compiled, route.where);
  }
  const misses = new Map<ScopeSettings, CompiledRoute>();
  const missIn = (scope: ScopeSettings): CompiledRoute => {
    let miss = misses.get(scope);
    if (miss === undefined) {
      miss = compileMiss(scope, (c) => missReply(c, options.notFound));
      misses.set(scope, miss);
    }
    return miss;
  };
  return new Dispatcher({
    state: options.state,
    bodyLimitBytes: options.bodyLimitBytes,
    closing: options.closing,
    onRequest: root.hooks.request,
    report: (error, request) => options.report(error, request),
    within: options.hasCurrentContext ? runWithin : null,
    find: (method, path) => router.find(method, path),
    findSocket: compileSockets(options.sockets, options.hub, trailingSlash),
    missed: (found, request) => missIn(scopeOfMiss(found, request, router, scopeOf) ?? root),
  });
}

function hasGet(routes: readonly Route[], wanted: string): boolean {
  return routes.some(({ method, pattern }) => method === 'GET' && pattern === wanted);
}

/** Middleware of a path that is there answers for its other methods too: CORS, for one, is asked by OPTIONS. */
function scopeOfMiss(
  found: FindResult<CompiledRoute>,
  request: ServerRequest,
  router: RadixRouter<CompiledRoute>,
  scopeOf: ReadonlyMap<CompiledRoute, ScopeSettings>,
): ScopeSettings | undefined {
  if (found.outcome !== 'method-not-allowed' && found.outcome !== 'options') return undefined;
  const [path = ''] = request.target.split('?', 1);
  const other = router.find(found.allow[0]!, path);
  return other.outcome === 'found' ? scopeOf.get(other.value) : undefined;
}

function missReply(c: AnyContext, notFound: FreezeOptions['notFound']): unknown {
  const found = c.match as unknown as FindResult<CompiledRoute>;
  switch (found.outcome) {
    case 'method-not-allowed':
      return problem(405, null, { headers: { Allow: found.allow.join(', ') } });
    case 'options':
      return empty({ headers: { Allow: found.allow.join(', ') } });
    case 'redirect':
      return movedTo(found.path, c.search);
    case 'bad-path':
      return problem(400, 'The path has an escape that is malformed, or no UTF-8.');
    default:
      return notFound === null ? problem(404) : notFound(c);
  }
}

function movedTo(path: string, search: string): Reply {
  return redirect(search === '' ? path : `${path}?${search}`, { status: 308 });
}
