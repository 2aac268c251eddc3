// Run by table.ts, once for each contender and size: nanoseconds per lookup for each row, parameters read, as one line of
// JSON. Paths are made before, as a server has them from its decoder; a thousand of them, so that no lookup is the last one.
import { CONTENDERS } from './contenders.ts';
import { ROWS, resourcesOf, tableRoutes, type Row } from './table-workload.ts';
import type { LibraryRouter } from './library-routers.ts';

const [name = '', size = '', budget = ''] = process.argv.slice(2);
const contender = CONTENDERS.find((each) => each.name === name);
if (contender === undefined) throw new Error(`There is no router called ${name}.`);

const { restName, leavesOut } = contender;
const PATHS = 1000;
const WARM_UP_SHARE = 0.5;

const router = contender.make();
const hasConstraints = !leavesOut.includes('constrained');
for (const [index, pattern] of tableRoutes(Number(size), hasConstraints).entries()) {
  router.add(pattern, index + 1);
}
const rows = ROWS.filter((row) => !leavesOut.includes(row.name));
const work = rows.map((row) => ({ row, paths: pathsOf(row), names: namesOf(row) }));
let sum = 0;
for (const { paths, names } of work) spend(router, paths, names, WARM_UP_SHARE * Number(budget));
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

/** Nanoseconds per lookup over about `budgetMs`. */
function spend(
  of: LibraryRouter,
  paths: readonly string[],
  names: readonly string[],
  budgetMs: number,
): number {
  const startedAt = process.hrtime.bigint();
  const until = startedAt + BigInt(Math.round(budgetMs * 1e6));
  let lookups = 0;
  let now = startedAt;
  while (now < until) {
    for (const path of paths) {
      const found = of.find(path);
      if (found === null) continue;
      sum += found.value;
      for (const each of names) sum += found.params[each]?.length ?? 0;
    }
    lookups += paths.length;
    now = process.hrtime.bigint();
  }
  return Number(now - startedAt) / lookups;
}
