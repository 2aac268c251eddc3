// Runs once for each route when the server starts. What it makes runs for each request: a route without middleware, input or
// hooks costs a call of its handler and nothing else. Guarded by bench/src/server-frameworks.ts.
import { around } from './around.ts';
import type { InjectSteps } from './inject-step.ts';
import type { Hooks } from './hooks.ts';
import type { AnyContext, Middleware, Outcome } from './middleware.ts';
import { scopesOf, type AnyHandler, type Route, type ScopeSettings } from './route.ts';
import { toMiddleware } from './middleware.ts';
import type { Answer } from '../reply/answer.ts';
import type { OutputFilter } from '../schema/compile-output.ts';

/** Reads and checks what a route declares of its request, into the context; a promise where it has to wait. */
export type InputStep = (c: AnyContext) => void | Promise<void>;

/** A route as it runs. */
export interface CompiledRoute {
  readonly pattern: string | null;
  readonly bodyLimitBytes: number | null;
  /** Gives what the handler returned, or its promise; throws, or rejects, with what went wrong. */
  readonly run: AnyHandler;
  /** Work on the encoded answer; empty for most. */
  readonly transforms: readonly ((answer: Answer, c: AnyContext) => Answer | Promise<Answer>)[];
  readonly filter: OutputFilter | null;
  /** Asked in turn when something went wrong. */
  readonly onError: readonly Hooks['error'][];
  /** Told how it ended; where there are none nothing is measured. */
  readonly onDone: readonly ((c: AnyContext, outcome: Outcome) => void)[];
}

export interface RouteSteps {
  readonly input: InputStep | null;
  readonly inject: InjectSteps | null;
  readonly filter: OutputFilter | null;
}

/** Hooks and middleware of its scopes around the handler of a route. */
export function compileRoute(route: Route, { input, inject, filter }: RouteSteps): CompiledRoute {
  const { pattern, options, handler, scope } = route;
  const own = (options.use ?? []).map(toMiddleware);
  const steps = [input, inject?.step ?? null].filter((step) => step !== null);
  const inner = withSteps(steps, withHooks(scope, handler));
  return compileChain({
    scope,
    own,
    inner,
    pattern,
    filter,
    bodyLimitBytes: options.bodyLimitBytes ?? null,
    dispose: inject?.dispose ?? null,
  });
}

/** What answers without a route of its own: where none was found, and handshakes. Middleware of the scope is around it too. */
export function compileMiss(
  scope: ScopeSettings,
  handler: AnyHandler,
  pattern: string | null = null,
): CompiledRoute {
  const bare = { own: [], filter: null, bodyLimitBytes: null, dispose: null };
  return compileChain({ ...bare, scope, inner: handler, pattern });
}

interface Chain {
  readonly scope: ScopeSettings;
  readonly own: readonly Middleware[];
  readonly inner: AnyHandler;
  readonly pattern: string | null;
  readonly filter: OutputFilter | null;
  readonly bodyLimitBytes: number | null;
  readonly dispose: InjectSteps['dispose'];
}

function compileChain({
  scope,
  own,
  inner,
  pattern,
  filter,
  bodyLimitBytes,
  dispose,
}: Chain): CompiledRoute {
  const scopes = scopesOf(scope);
  const all = [...scopes.flatMap((each) => each.middleware), ...own];
  const handles = all.flatMap(({ handle }) => (handle === undefined ? [] : [handle]));
  return {
    pattern,
    bodyLimitBytes,
    run: handles.reduceRight<AnyHandler>((next, handle) => around(handle, next), inner),
    transforms: all
      .flatMap((each) => (each.answer === undefined ? [] : [each.answer.bind(each)]))
      .reverse(),
    filter,
    onError: scopes.toReversed().flatMap((each) => each.hooks.error),
    onDone: [
      ...all.flatMap((each) => (each.done === undefined ? [] : [each.done.bind(each)])),
      ...scopes.flatMap((each) => each.hooks.response),
      ...(dispose === null ? [] : [dispose]),
    ],
  };
}

/** Input is read before the hooks that may rely on it. */
function withSteps(steps: readonly InputStep[], next: AnyHandler): AnyHandler {
  return steps.reduceRight<AnyHandler>(
    (after, step) => (c) => {
      const waiting = step(c);
      return waiting === undefined ? after(c) : waiting.then(() => after(c));
    },
    next,
  );
}

function withHooks(scope: ScopeSettings, handler: AnyHandler): AnyHandler {
  const scopes = scopesOf(scope);
  const before = scopes.flatMap((each) => each.hooks.before);
  const after = scopes.toReversed().flatMap((each) => each.hooks.after);
  if (before.length === 0 && after.length === 0) return handler;
  return async (c) => {
    let value: unknown;
    for (const hook of before) {
      value = await hook(c);
      if (value !== undefined) break;
    }
    if (value === undefined) value = await handler(c);
    for (const hook of after) {
      const other = await hook(c, value);
      if (other !== undefined) value = other;
    }
    return value;
  };
}
