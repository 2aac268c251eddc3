import { describe, expect, it } from 'vitest';
import { RadixRouter } from './radix-router.ts';

const LOOKUPS = 10_000;
const ROUNDS = 15;

/** Bytes of heap that a lookup leaves behind; the least of several rounds, as anything else only adds to it. */
function bytesPerLookup(router: RadixRouter<number>, path: string): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.memoryUsage().heapUsed;
    for (let lookup = 0; lookup < LOOKUPS; lookup += 1) router.find('GET', path);
    const bytes = (process.memoryUsage().heapUsed - before) / LOOKUPS;
    // Less than nothing: what was there before has been collected meanwhile.
    if (bytes >= 0) least = Math.min(least, bytes);
  }
  return least;
}

describe('find', () => {
  const router = new RadixRouter<number>();
  router.add('GET', '/a/static/route', 1);
  router.add('GET', '/:a/:b/c/:d', 2);
  router.add('GET', '/:a/:n(\\d+)/*rest', 3);

  it('allocates nothing for a route without parameters', () => {
    expect(bytesPerLookup(router, '/a/static/route')).toBeLessThan(4);
  });

  it.each(['/first/second/c/third', '/first/22/all/that/is/left'])(
    'allocates one small object for %s, whatever the number of parameters',
    (path) => {
      const bytes = bytesPerLookup(router, path);
      expect(bytes).toBeGreaterThan(16);
      expect(bytes).toBeLessThan(100);
    },
  );
});
