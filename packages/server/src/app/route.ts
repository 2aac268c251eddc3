import type { AnyContext, Middleware } from './middleware.ts';
import type { RouteOptions } from './route-options.ts';
import type { HookLists } from './hooks.ts';

/** What a scope gives to the routes in it; its parents give theirs before. */
export interface ScopeSettings {
  readonly parent: ScopeSettings | null;
  readonly prefix: string;
  readonly tags: readonly string[];
  readonly middleware: readonly Middleware[];
  readonly hooks: HookLists;
}

export type AnyHandler = (c: AnyContext) => unknown;

/** A route as it was registered. */
export interface Route {
  readonly method: string;
  /** With the prefixes of its scopes. */
  readonly pattern: string;
  readonly options: RouteOptions;
  readonly handler: AnyHandler;
  readonly scope: ScopeSettings;
  /** Where in the program, for messages. */
  readonly where: string;
}

/** What documents need to know of a route. */
export interface RouteInfo {
  readonly method: string;
  readonly pattern: string;
  readonly options: RouteOptions;
  /** Of the scopes, then its own. */
  readonly tags: readonly string[];
  /** Name of the handler, or empty. */
  readonly handlerName: string;
  readonly where: string;
}

/** From the outermost scope to the innermost. */
export function scopesOf(scope: ScopeSettings): readonly ScopeSettings[] {
  return scope.parent === null ? [scope] : [...scopesOf(scope.parent), scope];
}

export function infoOf({ method, pattern, options, handler, scope, where }: Route): RouteInfo {
  const tags = new Set([...scopesOf(scope).flatMap((each) => each.tags), ...(options.tags ?? [])]);
  return { method, pattern, options, tags: [...tags], handlerName: handler.name, where };
}

/** Joined so that there is one slash between the two and none at the end, except for the root. */
export function joinPattern(prefix: string, pattern: string): string {
  const start = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  if (pattern === '' || (pattern === '/' && start !== '')) return start === '' ? '/' : start;
  return pattern.startsWith('/') ? start + pattern : `${start}/${pattern}`;
}
