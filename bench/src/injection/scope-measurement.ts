// Run by scopes.ts, once for each contender: nanoseconds per scope, and bytes that are left of each of 100,000, as JSON.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { median } from '../compare/median.ts';
import { SCOPE_CONTENDERS } from './scope-workload.ts';

const SCOPES = 100_000;
const BATCH = 2000;

const [name = '', budget = ''] = process.argv.slice(2);
const contender = SCOPE_CONTENDERS.find((each) => each.name === name);
if (contender === undefined) throw new Error(`There is no container called ${name}.`);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let closed = 0;
const serve = contender.make(() => {
  closed += 1;
});
let served = 0;
await spend(Number(budget));
const passes = await spend(Number(budget));
collect();
const before = process.memoryUsage().heapUsed;
for (let count = 0; count < SCOPES; count += 1) await serve((served += 1));
collect();
const bytes = (process.memoryUsage().heapUsed - before) / SCOPES;
if (closed !== served) throw new Error(`${closed} of ${served} sessions were disposed of.`);
process.stdout.write(JSON.stringify({ nanos: median(passes), bytes }));

/** Nanoseconds per scope of each batch within `budgetMs`. */
async function spend(budgetMs: number): Promise<number[]> {
  const until = performance.now() + budgetMs;
  const all: number[] = [];
  while (performance.now() < until) {
    const startedAt = process.hrtime.bigint();
    for (let count = 0; count < BATCH; count += 1) await serve((served += 1));
    all.push(Number(process.hrtime.bigint() - startedAt) / BATCH);
  }
  return all;
}
