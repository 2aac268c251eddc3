// Run by table.ts, once for each contender and size: nanoseconds per lookup for each row, parameters read, as one line of
// JSON. Paths are made before, and their hashes are known from the first pass on, which is in favour of all that look into a
// map; a thousand of them, so that no lookup is the last one.
import { median } from '../compare/median.ts';
import { CONTENDERS } from './contenders.ts';
import { ROWS, resourcesOf, tableRoutes, type Row } from './table-workload.ts';
import type { LibraryRouter } from './library-routers.ts';

const [name = '', size = '', budget = ''] = process.argv.slice(2);
const contender = CONTENDERS.find((each) => each.name === name);
if (contender === undefined) throw new Error(`There is no router called ${name}.`);

const { restName, leavesOut } = contender;
const PATHS = 1000;
const LEAST_PASSES = 5;

const router = contender.make();
const hasConstraints = !leavesOut.includes('constrained');
for (const [index, pattern] of tableRoutes(Number(size), hasConstraints).entries()) {
  router.add(pattern, index + 1);
}
const rows = ROWS.filter((row) => !leavesOut.includes(row.name));
const work = rows.map((row) => ({ row, paths: pathsOf(row), names: namesOf(row) }));
let sum = 0;
for (const { paths, names } of work) spend(router, paths, names, Number(budget));
const nanos: Record<string, number> = {};
for (const { row, paths, names } of work) {
  nanos[row.name] = spend(router, paths, names, Number(budget));
}
if (sum === 0) throw new Error('Nothing was found.');
process.stdout.write(JSON.stringify(nanos));

function pathsOf(row: Row): string[] {
  const resources = resourcesOf(Number(size));
  // Joined from pieces a string is a tree of them; through a buffer it becomes flat, like one off the wire.
  return Array.from({ length: PATHS }, (_, index) =>
    Buffer.from(row.path((index * 7919) % resources)).toString('latin1'),
  );
}

function namesOf(row: Row): string[] {
  return row.names.map((each) => (each === '*' ? restName : each));
}

/** Nanoseconds per lookup: of the passes over all paths within `budgetMs` the middle one, as others are busy at times. */
function spend(
  of: LibraryRouter,
  paths: readonly string[],
  names: readonly string[],
  budgetMs: number,
): number {
  const until = performance.now() + budgetMs;
  const passes: number[] = [];
  while (performance.now() < until || passes.length < LEAST_PASSES) {
    const startedAt = process.hrtime.bigint();
    for (const path of paths) {
      const found = of.find(path);
      if (found === null) continue;
      sum += found.value;
      for (const each of names) sum += found.params[each]?.length ?? 0;
    }
    passes.push(Number(process.hrtime.bigint() - startedAt) / paths.length);
  }
  return median(passes);
}
