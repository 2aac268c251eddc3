import { afterEach, describe, expect, it, vi } from 'vitest';
import { RadixRouter } from './radix-router.ts';
import { TrieNode } from './trie-node.ts';

const PATH_BYTES = 8192;

afterEach(() => vi.restoreAllMocks());

interface Work {
  /** Nodes whose text was matched, and that were looked further from. */
  readonly nodes: number;
  /** Characters that `indexOf` passed. */
  readonly searched: number;
}

function workOf(router: RadixRouter<number>, path: string): Work {
  const childAt = vi.spyOn(TrieNode.prototype, 'childAt');
  let searched = 0;
  const spy = vi.spyOn(String.prototype, 'indexOf').mockImplementation(function count(
    this: string,
    wanted: string,
    from = 0,
  ) {
    let found = from;
    while (found < this.length && this[found] !== wanted) found += 1;
    searched += found - from;
    return found === this.length ? -1 : found;
  });
  try {
    router.find('GET', path);
    return { nodes: childAt.mock.calls.length, searched };
  } finally {
    spy.mockRestore();
    childAt.mockRestore();
  }
}

/** Every way to write `depth` segments as text or parameter, each with an end of its own: all must be tried. */
function everyMixture(depth: number, end: string): RadixRouter<number> {
  const router = new RadixRouter<number>();
  for (let mask = 0; mask < 2 ** depth; mask += 1) {
    const segments = Array.from({ length: depth }, (_, at) =>
      ((mask >> at) & 1) === 1 ? 'a' : `:p${at}`,
    );
    router.add('GET', `/${segments.join('/')}/${end}`, mask);
  }
  return router;
}

describe('find, in the worst case', () => {
  it('enters no node twice', () => {
    for (const depth of [4, 8]) {
      const router = everyMixture(depth, ':last/end');
      const path = `${'/a'.repeat(depth)}/${'x'.repeat(PATH_BYTES)}/no`;
      const { nodes, searched } = workOf(router, path);
      // Per mixture of the first segments one node after text and one after a parameter, and what is shared between.
      expect(nodes).toBeGreaterThan(2 ** depth);
      expect(nodes).toBeLessThanOrEqual(2 ** (depth + 1));
      expect(searched).toBeLessThan(2 * path.length);
    }
  });

  it('searches the path for the end of a segment once, however many routes want it', () => {
    const router = new RadixRouter<number>();
    for (let first = 0; first < 10; first += 1) {
      router.add('GET', `/:a(x{${first},}|y{${first}})/:b/end`, first);
    }
    const path = `/${'x'.repeat(20)}/${'z'.repeat(PATH_BYTES)}/no`;
    const { nodes, searched } = workOf(router, path);
    expect(nodes).toBeGreaterThanOrEqual(10);
    expect(searched).toBeLessThan(2 * path.length);
  });

  it('is no deeper than the patterns, and no slower for a path of slashes, dots or escapes', () => {
    const router = everyMixture(6, '*');
    router.add('GET', '/*', -1);
    const startedAt = performance.now();
    const unit = ['/', '/a', '/.', '/..', '/.a', '/%2e', '%2F', '/%2F', 'a', '%61', './'];
    for (const part of unit) {
      const path = `/${part.repeat(PATH_BYTES / part.length)}`;
      for (const suffix of ['', '//', '/..', '%']) {
        for (let call = 0; call < 20; call += 1) router.find('GET', path + suffix);
      }
    }
    // 880 lookups; at 100 ns a character they would take 700 ms, with anything quadratic minutes.
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('refuses patterns that would make it deep', () => {
    const router = new RadixRouter<number>();
    router.add('GET', '/:a', 1);
    const deep = Array.from({ length: 64 }, (_, at) => `/:p${at}`).join('');
    router.add('PUT', deep, 2);
    expect(router.find('PUT', '/x'.repeat(64)).outcome).toBe('found');
    expect(router.find('PUT', '/x'.repeat(4096)).outcome).toBe('not-found');
    expect(() => router.add('PUT', `${deep}/x`, 3)).toThrow(/64 segments/);
  });
});
