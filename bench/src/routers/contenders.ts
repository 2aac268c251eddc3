// Everything that finds routes, behind the narrow page of the libraries.
import { RadixRouter, type Router } from '@needletail/server/router';
import { CachedRouter } from './cached-router.ts';
import { LIBRARIES, type LibraryRouter } from './library-routers.ts';
import { LinearRouter } from './linear-router.ts';
import { PatternListRouter } from './pattern-list-router.ts';

export interface Contender {
  readonly name: string;
  readonly restName: string;
  readonly make: () => LibraryRouter;
  /** Rows of the table that it answers otherwise, on purpose. */
  readonly leavesOut: readonly string[];
}

const OWN = 'needletail';

export const CONTENDERS: readonly Contender[] = [
  { name: OWN, restName: '*', make: () => narrow(new RadixRouter()), leavesOut: [] },
  own('LRU in front of it', () => new CachedRouter(new RadixRouter())),
  own('map and patterns', () => new PatternListRouter()),
  own('linear scan', () => new LinearRouter()),
  ...LIBRARIES.map(({ name, restName, make }) => ({
    name,
    restName,
    make,
    leavesOut: { memoirist: ['constrained', 'escaped'], rou3: ['escaped'] }[name] ?? [],
  })),
];

function own(name: string, make: () => Router<number>): Contender {
  return { name, restName: '*', make: () => narrow(make()), leavesOut: [] };
}

function narrow(router: Router<number>): LibraryRouter {
  return {
    add: (pattern, value) => router.add('GET', pattern, value),
    find(path) {
      const found = router.find('GET', path);
      return found.outcome === 'found' ? found : null;
    },
  };
}
