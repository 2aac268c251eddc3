// Every route tried for every path, the best of those that fit taken: what a router has to answer, said as plainly as it
// can be. The oracle for the others; slow on purpose.
import type {
  FindResult,
  RouteEntry,
  Router,
  RouterOptions,
  SlashPolicy,
} from '@needletail/server/router';
import {
  compareSegments,
  naiveParams,
  naiveSegments,
  naiveVariants,
  shapeOf,
  type NaivePattern,
  type NaiveSegment,
} from './naive-pattern.ts';

export class LinearRouter<Value> implements Router<Value> {
  readonly #slash: SlashPolicy;
  readonly #routes: RouteEntry<Value>[] = [];
  readonly #patterns: NaivePattern<Value>[] = [];
  readonly #prefixes: string[] = [];

  constructor({ trailingSlash = 'strict' }: RouterOptions = {}) {
    this.#slash = trailingSlash;
  }

  add(method: string, pattern: string, value: Value, where = ''): void {
    const variants = naiveVariants(pattern).map((segments) => this.#shortened(segments));
    for (const segments of variants) this.#refuseConflict(method, segments);
    this.#routes.push({ method, pattern, value, where });
    for (const segments of variants) {
      this.#patterns.push({ method, pattern, value, segments });
      segments.forEach((_, index) => {
        const prefix = shapeOf(segments.slice(0, index + 1));
        if (!this.#prefixes.includes(prefix)) this.#prefixes.push(prefix);
      });
    }
  }

  find(method: string, path: string): FindResult<Value> {
    const segments = naiveSegments(path);
    if (segments === null) return { outcome: 'bad-path' };
    if (path !== '*') {
      const found = this.#best(method, path, segments);
      if (found !== null) return found;
      const other = this.#otherPath(path);
      if (this.#slash === 'redirect' && other !== null) {
        const toOther = this.#best(method, other, naiveSegments(other) ?? []);
        if (toOther !== null) return { outcome: 'redirect', path: other };
      }
    } else if (method !== 'OPTIONS') return { outcome: 'not-found' };
    const allow = this.allowed(path);
    if (allow.length === 0) return { outcome: 'not-found' };
    return { outcome: method === 'OPTIONS' ? 'options' : 'method-not-allowed', allow };
  }

  allowed(path: string): readonly string[] {
    const segments = naiveSegments(path);
    if (segments === null) return [];
    const methods = new Set(this.#routes.map(({ method }) => method));
    if (methods.has('GET')) methods.add('HEAD');
    const fitting = [...methods].filter(
      (method) => path === '*' || this.#best(method, path, segments) !== null,
    );
    return [...new Set(fitting.length === 0 ? [] : [...fitting, 'OPTIONS'])];
  }

  routes(): readonly RouteEntry<Value>[] {
    return this.#routes;
  }

  #best(method: string, path: string, segments: readonly string[]): FindResult<Value> | null {
    const isStray = (text: string, index: number): boolean =>
      text === '.' || text === '..' || (text === '' && index < segments.length - 1);
    if ((path !== '' && !path.startsWith('/')) || segments.some(isStray)) return null;
    if (this.#slash === 'ignore' && segments.length > 1 && segments.at(-1) === '') {
      const bare = this.#bestOf(method, segments.slice(0, -1));
      if (bare !== null) return bare;
    }
    return this.#bestOf(method, segments);
  }

  #bestOf(method: string, path: readonly string[]): FindResult<Value> | null {
    const order = (prefix: string): number => this.#prefixes.indexOf(prefix);
    const [best] = this.#patterns
      .filter((own) => own.method === method || (method === 'HEAD' && own.method === 'GET'))
      .filter(({ segments }) => naiveParams(segments, path) !== null)
      .toSorted(
        (left, right) =>
          compareSegments(left.segments, right.segments, order) ||
          // Of HEAD and GET for the same paths, its own.
          Number(left.method !== method) - Number(right.method !== method),
      );
    if (best === undefined) return null;
    const params = naiveParams(best.segments, path) ?? {};
    return { outcome: 'found', value: best.value, pattern: best.pattern, params };
  }

  #otherPath(path: string): string | null {
    if (!path.startsWith('/') || path === '/' || path.endsWith('//')) return null;
    return path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
  }

  #shortened(segments: readonly NaiveSegment[]): readonly NaiveSegment[] {
    const isSlash = segments.length > 1 && segments.at(-1)?.shape === '=';
    return this.#slash === 'ignore' && isSlash ? segments.slice(0, -1) : segments;
  }

  #refuseConflict(method: string, segments: readonly NaiveSegment[]): void {
    const names = segments.filter(({ kind }) => kind !== 'text').map(({ text }) => text);
    if (new Set(names).size < names.length) throw new Error('Two parameters of one name.');
    for (const own of this.#patterns) {
      if (own.method !== method) continue;
      if (shapeOf(own.segments) === shapeOf(segments)) throw new Error('Two routes of one shape.');
      for (const [index, segment] of segments.entries()) {
        const other = own.segments[index];
        if (other?.shape !== segment.shape) break;
        if (segment.kind !== 'text' && segment.kind !== 'rest' && other.text !== segment.text) {
          throw new Error('Two names for one parameter.');
        }
      }
    }
  }
}
