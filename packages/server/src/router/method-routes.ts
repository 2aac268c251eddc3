import type { Segment } from './parse-pattern.ts';
import { ParamMatch, staticMatch, type ParamSlot } from './route-match.ts';
import { RouteTrie } from './route-trie.ts';
import type { RouteEntry, RouteMatch } from './router.ts';

const SLASH = 0x2f;

/** A route that stands in the way of another, and how. */
export interface Conflict<Value> {
  readonly kind: 'duplicate' | 'names';
  readonly with: RouteEntry<Value>;
}

interface NameUse<Value> {
  readonly name: string;
  readonly route: RouteEntry<Value>;
}

/** The routes of one method: those without parameters in a map, the others in a trie. */
export class MethodRoutes<Value> {
  /** By decoded path; the map is asked first, as text comes before parameters in every segment. */
  readonly statics: Map<string, RouteMatch<Value>> = new Map();
  readonly #trie = new RouteTrie<Value>();
  #hasParams = false;
  /** Who has which shape, and who named the parameter at which place. */
  readonly #shapes = new Map<string, RouteEntry<Value>>();
  readonly #names = new Map<string, NameUse<Value>>();

  /** What keeps a route of the same method from taking `segments`. */
  conflict(route: RouteEntry<Value>, segments: readonly Segment[]): Conflict<Value> | null {
    const duplicate = this.#shapes.get(shapeOf(segments));
    if (duplicate !== undefined && duplicate.method === route.method) {
      return { kind: 'duplicate', with: duplicate };
    }
    for (const [index, segment] of segments.entries()) {
      if (segment.kind !== 'param') continue;
      const use = this.#names.get(shapeOf(segments.slice(0, index + 1)));
      if (use !== undefined && use.name !== segment.name && use.route.method === route.method) {
        return { kind: 'names', with: use.route };
      }
    }
    return null;
  }

  /** Who has the shape of `segments`. */
  holder(segments: readonly Segment[]): RouteEntry<Value> | undefined {
    return this.#shapes.get(shapeOf(segments));
  }

  insert(route: RouteEntry<Value>, segments: readonly Segment[]): void {
    this.#shapes.set(shapeOf(segments), route);
    for (const [index, segment] of segments.entries()) {
      if (segment.kind !== 'param') continue;
      const place = shapeOf(segments.slice(0, index + 1));
      const use = this.#names.get(place);
      // Among the routes of HEAD are those of GET; a name that HEAD gave itself is the one to compare with.
      if (use?.route.method !== 'HEAD') this.#names.set(place, { name: segment.name, route });
    }
    const slots = slotsOf(segments);
    if (slots.length === 0) {
      const texts = segments.map((segment) => (segment.kind === 'static' ? segment.text : ''));
      this.statics.set(`/${texts.join('/')}`, staticMatch(route));
      return;
    }
    this.#hasParams = true;
    this.#trie.insert(segments, { route, slots });
  }

  /** Of the routes that have parameters; `path` decoded, which `isDecoded` says was necessary. */
  findParams(path: string, isDecoded: boolean): RouteMatch<Value> | null {
    if (!this.#hasParams || path.charCodeAt(0) !== SLASH) return null;
    const leaf = this.#trie.find(path);
    return leaf === null ? null : new ParamMatch(leaf, path, isDecoded);
  }

  find(path: string, isDecoded: boolean): RouteMatch<Value> | null {
    return this.statics.get(path) ?? this.findParams(path, isDecoded);
  }
}

function slotsOf(segments: readonly Segment[]): ParamSlot[] {
  const slots: ParamSlot[] = [];
  let gap = 0;
  segments.forEach((segment) => {
    gap += 1;
    if (segment.kind === 'static') {
      gap += segment.text.length;
      return;
    }
    slots.push({ name: segment.name, gap, tail: null, isRest: segment.kind === 'rest' });
    gap = 0;
  });
  return slots.map((slot, index) => (index === slots.length - 1 ? { ...slot, tail: gap } : slot));
}

/** The same for two patterns exactly if they stand for the same paths, constraints compared as they are written. */
function shapeOf(segments: readonly Segment[]): string {
  const shapes = segments.map((segment) => {
    if (segment.kind === 'static') return `=${segment.text}`;
    if (segment.kind === 'rest') return '*';
    return segment.constraint === null ? ':' : `:(${segment.constraint.source})`;
  });
  return shapes.join('/');
}
