// One random set of routes and paths, asked of every router there is: all must answer the same.
import { RadixRouter, RouteError } from '@needletail/server/router';
import type { FindResult, Router, SlashPolicy } from '@needletail/server/router';
import { Dice } from '@needletail/testkit/dice';
import { CachedRouter } from './cached-router.ts';
import { LIBRARIES, type Library, type LibraryMatch } from './library-routers.ts';
import { LinearRouter } from './linear-router.ts';
import { PatternListRouter } from './pattern-list-router.ts';
import { routeSet, type RouteSet } from './route-sets.ts';

const POLICIES: readonly SlashPolicy[] = ['strict', 'ignore', 'redirect'];
const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS', 'BREW'];

/** How often libraries were asked, and how often that was left out for a difference that is known. */
export interface AgreementTally {
  readonly compared: Record<string, number>;
  readonly excluded: Record<string, number>;
}

/** The first disagreement as text; null when all agree. */
export function disagreement(seed: number, index: number, tally: AgreementTally): string | null {
  const dice = new Dice(seed, index);
  const set = routeSet(dice);
  const trailingSlash = dice.roll(2) === 0 ? 'strict' : dice.pick(POLICIES);
  const router = new RadixRouter<number>({ trailingSlash });
  const linear = new LinearRouter<number>({ trailingSlash });
  const others: readonly Router<number>[] = [
    linear,
    new PatternListRouter<number>({ trailingSlash }),
    new CachedRouter(new RadixRouter<number>({ trailingSlash })),
  ];
  const refused = register(router, others, set);
  if (typeof refused === 'string') return `${refused} (${trailingSlash})`;
  for (const path of set.paths) {
    for (const method of METHODS) {
      const expected = written(linear.find(method, path));
      for (const other of [router, ...others, ...others.slice(2)]) {
        const answer = written(other.find(method, path));
        if (answer !== expected) {
          return `${trailingSlash} ${method} ${JSON.stringify(path)} of ${JSON.stringify(set.routes)}: ${other.constructor.name} ${answer}, expected ${expected}`;
        }
      }
    }
  }
  return trailingSlash === 'strict' ? libraryDisagreement(router, set, tally) : null;
}

/** Adds all routes to all routers, which must agree on which they refuse. */
function register(
  router: Router<number>,
  others: readonly Router<number>[],
  { routes }: RouteSet,
): string | null {
  for (const [index, [method, pattern]] of routes.entries()) {
    // From 1 on: a value that is false would be nothing to a library.
    const verdicts = [router, ...others].map((each) => accepts(each, method, pattern, index + 1));
    if (new Set(verdicts).size > 1) {
      return `${method} ${pattern} accepted by some (${verdicts.join()}) of ${JSON.stringify(routes)}`;
    }
  }
  return null;
}

function accepts(router: Router<number>, method: string, pattern: string, value: number): boolean {
  try {
    router.add(method, pattern, value);
    return true;
  } catch (error) {
    const isRefusal = error instanceof RouteError || (error as Error).message.startsWith('Two ');
    if (isRefusal) return false;
    throw error;
  }
}

function written(result: FindResult<number>): string {
  if (result.outcome === 'found') return `${result.value} ${entries(result.params)}`;
  if ('allow' in result) return `${result.outcome} ${result.allow.toSorted().join()}`;
  return result.outcome === 'redirect' ? `redirect ${decodeURI(result.path)}` : result.outcome;
}

function entries(params: Readonly<Record<string, string | undefined>>, restName = 'rest'): string {
  const pairs = Object.entries(params).filter(([name]) => name !== '_');
  return JSON.stringify(
    pairs
      .map(([name, value]) => `${name === restName ? '*' : name}=${value}`)
      .toSorted((left, right) => (left < right ? -1 : 1)),
  );
}

function libraryDisagreement(
  router: Router<number>,
  { paths }: RouteSet,
  tally: AgreementTally,
): string | null {
  const routes = router.routes().filter(({ method }) => method === 'GET');
  const patterns = routes.map(({ pattern }) => pattern);
  for (const library of LIBRARIES) {
    const other = library.make();
    const isExcluded = (path: string): boolean =>
      library.differences.some(({ applies }) => applies(path, patterns));
    const comparable = paths.filter((path) => path.startsWith('/') && !isExcluded(path));
    tally.compared[library.name] = (tally.compared[library.name] ?? 0) + comparable.length;
    tally.excluded[library.name] =
      (tally.excluded[library.name] ?? 0) + paths.length - comparable.length;
    if (comparable.length === 0) continue;
    for (const { pattern, value } of routes) other.add(pattern, value);
    for (const path of comparable) {
      const expected = router.find('GET', path);
      const [ours, theirs] = [foundOnly(expected), writtenMatch(library, other.find(path))];
      if (ours !== theirs) {
        return `${library.name} GET ${JSON.stringify(path)} of ${JSON.stringify(patterns)}: ${theirs}, expected ${ours}`;
      }
    }
  }
  return null;
}

function foundOnly(result: FindResult<number>): string {
  return result.outcome === 'found' ? `${result.value} ${entries(result.params)}` : 'none';
}

function writtenMatch({ restName }: Library, match: LibraryMatch | null): string {
  return match === null ? 'none' : `${match.value} ${entries(match.params, restName)}`;
}
