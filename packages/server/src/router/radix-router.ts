// Hot: `find` allocates nothing for a route without parameters, one match for others. Callers pass the path without the
// query, as it was sent. Guarded by bench/src/routers/table.ts.
import { MethodRoutes, type Conflict } from './method-routes.ts';
import { parsePattern, type Segment } from './parse-pattern.ts';
import { decodePath, encodePath } from './path-escapes.ts';
import { RouteError } from './route-error.ts';
import type {
  BadPath,
  FindResult,
  NotFound,
  RouteEntry,
  RouteMatch,
  Router,
  RouterOptions,
} from './router.ts';

const BAD_PATH: BadPath = Object.freeze({ outcome: 'bad-path' });
const NOT_FOUND: NotFound = Object.freeze({ outcome: 'not-found' });
/** RFC 9110 §9.1 and §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Routes without parameters in a map, the others in a radix trie, for each method. */
export class RadixRouter<Value> implements Router<Value> {
  readonly #ignoresSlash: boolean;
  readonly #redirectsSlash: boolean;
  readonly #byMethod = new Map<string, MethodRoutes<Value>>();
  readonly #routes: RouteEntry<Value>[] = [];

  constructor({ trailingSlash = 'strict' }: RouterOptions = {}) {
    this.#ignoresSlash = trailingSlash === 'ignore';
    this.#redirectsSlash = trailingSlash === 'redirect';
  }

  add(method: string, pattern: string, value: Value, where = ''): void {
    const route: RouteEntry<Value> = Object.freeze({ method, pattern, value, where });
    if (!TOKEN.test(method)) {
      const reason = `${JSON.stringify(method)} is no method`;
      throw refusal(route, 'INVALID_METHOD', reason, 'Use a token such as GET');
    }
    const variants = this.#variantsOf(route);
    for (const segments of variants) {
      const conflict = this.#byMethod.get(method)?.conflict(route, segments) ?? null;
      if (conflict !== null) throw conflictError(route, conflict);
    }
    const own = this.#routesOf(method);
    this.#routes.push(route);
    for (const segments of variants) own.insert(route, segments);
    if (method === 'GET') this.#answerHead(route, variants);
  }

  find(method: string, path: string): FindResult<Value> {
    const own = this.#byMethod.get(method);
    if (own !== undefined) {
      const match = own.statics.get(path);
      if (match !== undefined) return match;
      if (!this.#ignoresSlash && !path.includes('%')) {
        return own.findParams(path, false) ?? this.#miss(own, method, path, path);
      }
    }
    const wanted = decoded(path);
    if (wanted === null) return BAD_PATH;
    const match = own === undefined ? null : this.#search(own, wanted, wanted !== path);
    return match ?? this.#miss(own, method, path, wanted);
  }

  allowed(path: string): readonly string[] {
    if (path === '*') return this.#allow(null, undefined);
    const wanted = decoded(path);
    return wanted === null ? [] : this.#allow(wanted, undefined);
  }

  routes(): readonly RouteEntry<Value>[] {
    return [...this.#routes];
  }

  /** `path` as it was sent, `wanted` decoded; `own` are the routes of the method, which have none for it. */
  #miss(
    own: MethodRoutes<Value> | undefined,
    method: string,
    path: string,
    wanted: string,
  ): FindResult<Value> {
    if (path === '') return this.find(method, '/');
    if (path === '*' && method !== 'OPTIONS') return NOT_FOUND;
    const other = this.#redirectsSlash ? otherSlash(wanted) : null;
    if (other !== null && own !== undefined && own.find(other, false) !== null) {
      return { outcome: 'redirect', path: encodePath(otherSlash(path) ?? '/') };
    }
    const allow = this.#allow(path === '*' ? null : wanted, own);
    if (allow.length === 0) return NOT_FOUND;
    return { outcome: method === 'OPTIONS' ? 'options' : 'method-not-allowed', allow };
  }

  #search(own: MethodRoutes<Value>, wanted: string, isDecoded: boolean): RouteMatch<Value> | null {
    if (this.#ignoresSlash && wanted.endsWith('/')) {
      const bare = otherSlash(wanted);
      const match = bare === null ? null : own.find(bare, isDecoded);
      if (match !== null) return match;
    }
    return own.find(wanted, isDecoded);
  }

  /** Methods with a route for `wanted`, all where it is null; of `missed` it is known that it has none. */
  #allow(wanted: string | null, missed: MethodRoutes<Value> | undefined): string[] {
    const methods: string[] = [];
    let asked: MethodRoutes<Value> | undefined;
    let hasAny = false;
    for (const [method, own] of this.#byMethod) {
      // HEAD comes right behind GET where it has the same routes.
      if (own !== asked) {
        hasAny = wanted === null || (own !== missed && this.#search(own, wanted, false) !== null);
      }
      asked = own;
      if (hasAny) methods.push(method);
    }
    return methods.length === 0 || methods.includes('OPTIONS') ? methods : [...methods, 'OPTIONS'];
  }

  #variantsOf(route: RouteEntry<Value>): readonly (readonly Segment[])[] {
    const variants = parsePattern(route.pattern);
    if ('code' in variants) {
      throw refusal(route, variants.code, variants.reason, variants.remedy);
    }
    if (!this.#ignoresSlash) return variants;
    return variants.map((segments) => {
      const last = segments.at(-1);
      const isSlash = segments.length > 1 && last?.kind === 'static' && last.text === '';
      return isSlash ? segments.slice(0, -1) : segments;
    });
  }

  /** HEAD has the routes of GET, the very same, until one of its own is registered. */
  #routesOf(method: string): MethodRoutes<Value> {
    const known = this.#byMethod.get(method);
    const isShared = method === 'HEAD' && known === this.#byMethod.get('GET');
    if (known !== undefined && !isShared) return known;
    const made = new MethodRoutes<Value>();
    this.#byMethod.set(method, made);
    if (method === 'GET' && !this.#byMethod.has('HEAD')) this.#byMethod.set('HEAD', made);
    if (isShared) {
      for (const route of this.#routes) {
        if (route.method !== 'GET') continue;
        for (const segments of this.#variantsOf(route)) made.insert(route, segments);
      }
    }
    return made;
  }

  /** Where HEAD has routes of its own, those of GET go among them, so that the best of both answers. */
  #answerHead(route: RouteEntry<Value>, variants: readonly (readonly Segment[])[]): void {
    const head = this.#byMethod.get('HEAD');
    if (head === undefined || head === this.#byMethod.get('GET')) return;
    for (const segments of variants) {
      if (head.holder(segments) === undefined) head.insert(route, segments);
    }
  }
}

/** With its escapes decoded, and never empty; null when one is malformed. */
function decoded(path: string): string | null {
  if (path.includes('%')) return decodePath(path);
  return path === '' ? '/' : path;
}

/** The same path with a slash at its end more or less; null where there is none, or it would hide an empty segment. */
function otherSlash(path: string): string | null {
  if (!path.startsWith('/') || path === '/' || path.endsWith('//')) return null;
  return path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
}

function conflictError<Value>(route: RouteEntry<Value>, conflict: Conflict<Value>): RouteError {
  const other = named(conflict.with);
  if (conflict.kind === 'duplicate') {
    const reason = `it stands for the same paths as ${other}`;
    return refusal(route, 'DUPLICATE_ROUTE', reason, 'Remove one of them');
  }
  const reason = `it has another name for a parameter than ${other}`;
  return refusal(route, 'CONFLICTING_NAMES', reason, 'Give the parameter one name');
}

function refusal<Value>(
  route: RouteEntry<Value>,
  code: string,
  reason: string,
  remedy: string,
): RouteError {
  return new RouteError({ code, problem: 'Route refused', reason, where: named(route), remedy });
}

function named<Value>({ method, pattern, where }: RouteEntry<Value>): string {
  return where === '' ? `${method} ${pattern}` : `${method} ${pattern} at ${where}`;
}
