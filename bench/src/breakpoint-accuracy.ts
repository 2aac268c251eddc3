// Whether the search finds the limit of a target whose limit is known: a server in a process of its own that answers at a
// fixed rate. Each answer must be within 3% of it. Takes
// about six minutes and ends with 1 when one misses.
//
//   npm run build && npx tsx bench/src/breakpoint-accuracy.ts [--caps 400,1000,2500] [--rounds 2]
import { parseArgs } from 'node:util';
import { resolvePlan } from '@needletail/load';
import {
  DEFAULT_OBJECTIVES,
  parseObjectives,
  resolveStress,
  stressPlan,
} from '@needletail/load/search';
import { startPacedServer } from './accuracy/paced-server-process.ts';

const ALLOWED = 0.03;

const { values } = parseArgs({
  options: { caps: { type: 'string' }, rounds: { type: 'string' } },
});
const caps = (values.caps ?? '400,1000,2500').split(',').map(Number);
const rounds = Number(values.rounds ?? 2);
const objectives = parseObjectives(DEFAULT_OBJECTIVES);
const settings = resolveStress({}, { recoveryLimit: 0 });
let missed = 0;

for (const cap of caps) {
  for (let round = 0; round < rounds; round += 1) {
    const server = await startPacedServer(cap);
    try {
      const plan = await resolvePlan({ url: server.url });
      const summary = await stressPlan(plan, objectives, settings);
      const found = summary.maxSustainable ?? 0;
      const off = found / cap - 1;
      const isGood = Math.abs(off) <= ALLOWED;
      if (!isGood) missed += 1;
      const { low = 0, high = 0 } = summary.interval ?? {};
      process.stdout.write(
        `${isGood ? 'ok  ' : 'MISS'} cap ${cap}/s  found ${found}/s (${(100 * off).toFixed(1)}%)  ` +
          `interval ${low.toFixed(0)} to ${high.toFixed(0)}  ${summary.steps} steps  ` +
          `${(summary.durationMs / 1000).toFixed(0)} s  ${summary.verdict.reasons[0] ?? ''}\n`,
      );
    } finally {
      server.stop();
    }
  }
}
process.exitCode = missed > 0 ? 1 : 0;
