// Hot: `childAt` allocates nothing; the rest is for registration. Guarded by bench/src/routers/table.ts.
import type { Constraint } from './parse-constraint.ts';
import type { Leaf } from './route-match.ts';

/** What a node hangs from: the root, or a parameter. */
export interface Stem<Value> {
  next: TrieNode<Value> | null;
}

/** A parameter: one segment that satisfies the constraint; paths that end with it have `leaf`. */
export class ParamEdge<Value> implements Stem<Value> {
  readonly constraint: Constraint | null;
  leaf: Leaf<Value> | null = null;
  /** What follows; begins with a slash. */
  next: TrieNode<Value> | null = null;

  constructor(constraint: Constraint | null) {
    this.constraint = constraint;
  }
}

/** Text, and what may follow it. `edges` and `rest` only where the text ends with a slash. */
export class TrieNode<Value> {
  prefix: string;
  /** Of the path that ends here. */
  leaf: Leaf<Value> | null = null;
  /** Of paths that begin here, a wildcard. */
  rest: Leaf<Value> | null = null;
  edges: ParamEdge<Value>[] | null = null;
  /** Which segment the edges take. */
  segment = 0;
  /** First character of each child, at the place of the child. */
  #codes: number[] = [];
  #children: TrieNode<Value>[] = [];

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** The child whose prefix begins with `code`. */
  childAt(code: number): TrieNode<Value> | null {
    const codes = this.#codes;
    for (let index = 0; index < codes.length; index += 1) {
      if (codes[index] === code) return this.#children[index];
    }
    return null;
  }

  /** The edge with the same constraint, or a new one: before the one without, behind the others. */
  edgeFor(segment: number, constraint: Constraint | null): ParamEdge<Value> {
    this.segment = segment;
    this.edges ??= [];
    const same = this.edges.find((edge) => edge.constraint?.source === constraint?.source);
    if (same !== undefined) return same;
    const edge = new ParamEdge<Value>(constraint);
    const isOpenLast = this.edges.at(-1)?.constraint === null;
    this.edges.splice(this.edges.length - (isOpenLast ? 1 : 0), 0, edge);
    return edge;
  }

  /** The node at the end of `text` from `stem` on; made, and others split, where there is none. */
  static under<Value>(stem: Stem<Value>, text: string): TrieNode<Value> {
    let node = (stem.next ??= new TrieNode<Value>(text));
    let rest = text;
    for (;;) {
      const shared = sharedLength(node.prefix, rest);
      if (shared < node.prefix.length) node.#splitAt(shared);
      rest = rest.slice(shared);
      if (rest === '') return node;
      const code = rest.charCodeAt(0);
      const child = node.childAt(code) ?? node.#grow(new TrieNode<Value>(rest));
      node = child;
    }
  }

  #grow(child: TrieNode<Value>): TrieNode<Value> {
    this.#codes.push(child.prefix.charCodeAt(0));
    this.#children.push(child);
    return child;
  }

  /** Keeps the first `length` characters, and hands all else to a child. */
  #splitAt(length: number): void {
    const lower = new TrieNode<Value>(this.prefix.slice(length));
    lower.leaf = this.leaf;
    lower.rest = this.rest;
    lower.edges = this.edges;
    lower.segment = this.segment;
    lower.#codes = this.#codes;
    lower.#children = this.#children;
    this.prefix = this.prefix.slice(0, length);
    this.leaf = null;
    this.rest = null;
    this.edges = null;
    this.#codes = [];
    this.#children = [];
    this.#grow(lower);
  }
}

function sharedLength(left: string, right: string): number {
  let length = 0;
  const most = Math.min(left.length, right.length);
  while (length < most && left.charCodeAt(length) === right.charCodeAt(length)) length += 1;
  return length;
}
