// Hot: `find` allocates nothing. Callers pass a decoded path that begins with a slash. Guarded by
// bench/src/routers/table.ts; that its time is bounded, by route-trie-time.test.ts.
import { satisfies } from './constraint.ts';
import type { Constraint } from './parse-constraint.ts';
import { MOST_SEGMENTS, type Segment } from './parse-pattern.ts';
import type { Leaf } from './route-match.ts';
import { ParamEdge, TrieNode, type Stem } from './trie-node.ts';

const DOT = 0x2e;
/** Numbers up to here are no objects, and fit where they are kept. */
const MOST_LOOKUPS = 2 ** 30;

/**
 * Routes with parameters, by characters: text compressed into prefixes, parameters where a segment begins. Text is tried
 * before parameters, parameters with a constraint before those without, a wildcard last; when what was tried leads to no
 * route, the next is tried.
 *
 * Time: a node stands for one sequence of segments and characters, so it can be reached at one place of the path only, and
 * by one way only: no node is entered twice in a lookup, however much of it is tried in vain. Ends of segments, and
 * segments that no wildcard takes, are searched for once. So a lookup takes at most as many steps as the path and the
 * patterns of the routes have characters.
 */
export class RouteTrie<Value> {
  readonly #root: Stem<Value> = { next: null };
  /** End of each segment, valid where `#endedIn` has the number of this lookup. */
  readonly #ends = new Int32Array(MOST_SEGMENTS);
  readonly #endedIn = new Int32Array(MOST_SEGMENTS);
  #lookup = 0;
  #isRestRefused = false;

  /** Puts `leaf` where `segments` lead, in the place of one that was there. */
  insert(segments: readonly Segment[], leaf: Leaf<Value>): void {
    let stem: Stem<Value> = this.#root;
    let text = '';
    let edge: ParamEdge<Value> | null = null;
    segments.forEach((segment, index) => {
      text += '/';
      edge = null;
      if (segment.kind === 'static') {
        text += segment.text;
      } else if (segment.kind === 'rest') {
        TrieNode.under(stem, text).rest = leaf;
      } else {
        edge = TrieNode.under(stem, text).edgeFor(index, segment.constraint);
        stem = edge;
        text = '';
      }
    });
    if (edge !== null) (edge as ParamEdge<Value>).leaf = leaf;
    else if (segments.at(-1)?.kind === 'static') TrieNode.under(stem, text).leaf = leaf;
  }

  find(path: string): Leaf<Value> | null {
    const root = this.#root.next;
    if (root === null) return null;
    this.#isRestRefused = false;
    this.#lookup += 1;
    if (this.#lookup === MOST_LOOKUPS) this.#countAnew();
    return this.#enter(root, path, 0);
  }

  #countAnew(): void {
    this.#endedIn.fill(0);
    this.#lookup = 1;
  }

  /** `at` is where the prefix of `node` would begin; its first character is known to be there. */
  #enter(node: TrieNode<Value>, path: string, at: number): Leaf<Value> | null {
    const { prefix } = node;
    const end = at + prefix.length;
    if (end > path.length) return null;
    for (let index = 1; index < prefix.length; index += 1) {
      if (prefix.charCodeAt(index) !== path.charCodeAt(at + index)) return null;
    }
    if (end === path.length) return node.leaf ?? node.rest;
    const child = node.childAt(path.charCodeAt(end));
    if (child !== null) {
      const found = this.#enter(child, path, end);
      if (found !== null) return found;
    }
    if (node.edges !== null) {
      const found = this.#takeSegment(node, node.edges, path, end);
      if (found !== null) return found;
    }
    if (node.rest === null || this.#isRestRefused) return null;
    // Nothing goes past a stray segment, so one that is in the way of this wildcard is in the way of all the others.
    this.#isRestRefused = hasStray(path, end - 1);
    return this.#isRestRefused ? null : node.rest;
  }

  #takeSegment(
    node: TrieNode<Value>,
    edges: readonly ParamEdge<Value>[],
    path: string,
    start: number,
  ): Leaf<Value> | null {
    const end = this.#endOf(node.segment, path, start);
    if (end === start || isDots(path, start, end)) return null;
    for (let index = 0; index < edges.length; index += 1) {
      const edge = edges[index];
      if (isRefused(edge.constraint, path, start, end)) continue;
      const found =
        end === path.length
          ? edge.leaf
          : edge.next === null
            ? null
            : this.#enter(edge.next, path, end);
      if (found !== null) return found;
    }
    return null;
  }

  #endOf(segment: number, path: string, start: number): number {
    if (this.#endedIn[segment] !== this.#lookup) {
      const slash = path.indexOf('/', start);
      this.#ends[segment] = slash === -1 ? path.length : slash;
      this.#endedIn[segment] = this.#lookup;
    }
    return this.#ends[segment];
  }
}

/** Whether behind the slash at `slash` there is a segment that no route takes: `.`, `..`, or empty with more behind it. */
function hasStray(path: string, slash: number): boolean {
  if (path.includes('//', slash)) return true;
  let dot = path.indexOf('/.', slash);
  while (dot !== -1) {
    const next = path.indexOf('/', dot + 1);
    if (isDots(path, dot + 1, next === -1 ? path.length : next)) return true;
    dot = path.indexOf('/.', dot + 1);
  }
  return false;
}

function isDots(path: string, start: number, end: number): boolean {
  if (end - start > 2 || path.charCodeAt(start) !== DOT) return false;
  return end - start === 1 || path.charCodeAt(start + 1) === DOT;
}

function isRefused(
  constraint: Constraint | null,
  path: string,
  start: number,
  end: number,
): boolean {
  return constraint !== null && !satisfies(constraint.alternatives, path, start, end);
}
