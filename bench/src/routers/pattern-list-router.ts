// Static routes in a map, one regular expression for each of the others, the best first: what many frameworks started
// with. Lookups of routes with parameters only; all else is as the linear scan answers it.
import type { FindResult, RouteEntry, Router, RouterOptions } from '@needletail/server/router';
import { LinearRouter } from './linear-router.ts';
import { compareSegments, naiveVariants, shapeOf, type NaiveSegment } from './naive-pattern.ts';

interface Compiled<Value> {
  readonly route: RouteEntry<Value>;
  readonly segments: readonly NaiveSegment[];
  readonly expression: RegExp;
  readonly names: readonly string[];
}

interface MethodTable<Value> {
  readonly statics: Map<string, FindResult<Value>>;
  readonly patterns: Compiled<Value>[];
  readonly prefixes: Map<string, number>;
}

const ESCAPED_SLASH = '\uE000';

export class PatternListRouter<Value> implements Router<Value> {
  readonly #rest: LinearRouter<Value>;
  readonly #isStrict: boolean;
  readonly #tables = new Map<string, MethodTable<Value>>();

  constructor(options: RouterOptions = {}) {
    this.#rest = new LinearRouter(options);
    this.#isStrict = (options.trailingSlash ?? 'strict') === 'strict';
  }

  add(method: string, pattern: string, value: Value, where = ''): void {
    this.#rest.add(method, pattern, value, where);
    const table = this.#tables.get(method) ?? {
      statics: new Map(),
      patterns: [],
      prefixes: new Map(),
    };
    this.#tables.set(method, table);
    for (const segments of naiveVariants(pattern)) {
      this.#insert(table, { method, pattern, value, where }, segments);
    }
  }

  find(method: string, path: string): FindResult<Value> {
    const table = this.#tables.get(method);
    // What differs from a plain lookup is left to the one who does it by the book.
    const isPlain = table !== undefined && method !== 'HEAD' && this.#isStrict;
    if (!isPlain || /%|\/\/|\/\.\.?(\/|$)/.test(path)) {
      return this.#rest.find(method, path);
    }
    const match = table.statics.get(path === '' ? '/' : path);
    if (match !== undefined) return match;
    for (const { expression, names, route } of table.patterns) {
      const found = expression.exec(path);
      if (found === null) continue;
      const params: Record<string, string> = {};
      names.forEach((name, index) => (params[name] = found[index + 1]));
      return { outcome: 'found', value: route.value, pattern: route.pattern, params };
    }
    return this.#rest.find(method, path);
  }

  allowed(path: string): readonly string[] {
    return this.#rest.allowed(path);
  }

  routes(): readonly RouteEntry<Value>[] {
    return this.#rest.routes();
  }

  #insert(
    table: MethodTable<Value>,
    route: RouteEntry<Value>,
    segments: readonly NaiveSegment[],
  ): void {
    segments.forEach((_, index) => {
      const prefix = shapeOf(segments.slice(0, index + 1));
      if (!table.prefixes.has(prefix)) table.prefixes.set(prefix, table.prefixes.size);
    });
    if (segments.every(({ kind }) => kind === 'text')) {
      const { value, pattern } = route;
      const path = segments.map(({ text }) => `/${text.replaceAll('/', ESCAPED_SLASH)}`).join('');
      table.statics.set(path, { outcome: 'found', value, pattern, params: {} });
      return;
    }
    const names = segments.filter(({ kind }) => kind !== 'text').map(({ text }) => text);
    const source = segments.map((segment) => `/${sourceOf(segment)}`).join('');
    table.patterns.push({ route, segments, names, expression: new RegExp(`^${source}$`, 's') });
    const order = (prefix: string): number => table.prefixes.get(prefix) ?? -1;
    table.patterns.sort((left, right) => byRank(left.segments, right.segments, order));
  }
}

/** Like compareSegments, for patterns that need not take the same paths: one that has ended goes last. */
function byRank(
  left: readonly NaiveSegment[],
  right: readonly NaiveSegment[],
  order: (prefix: string) => number,
): number {
  const shared = Math.min(left.length, right.length);
  const byShared = compareSegments(left.slice(0, shared), right.slice(0, shared), order);
  return byShared === 0 ? right.length - left.length : byShared;
}

function sourceOf({ kind, text, constraint }: NaiveSegment): string {
  if (kind === 'rest') return '(.*)';
  if (kind === 'param') return '([^/]+)';
  // Anchors and the group around the alternatives go; what a class may take of a slash is cut off beforehand.
  if (constraint !== null) return `((?!/)(?:(?=[^/]+)${constraint.source.slice(1, -1)}))`;
  return text
    .replaceAll('/', ESCAPED_SLASH)
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, (character) => `\\${character}`);
}
