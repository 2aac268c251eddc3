// What a request scope costs: ours, typed-inject and awilix, each measurement a process of its own, the order turned round each
// time; all must give the same answers before. Printed are medians, with the ratio to ours.
//
//   npm run build && npx tsx bench/src/injection/scopes.ts [--rounds 5] [--milliseconds 1000]
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../compare/median.ts';
import { SCOPE_CONTENDERS } from './scope-workload.ts';

interface Cost {
  readonly nanos: number;
  readonly bytes: number;
}

const MEASUREMENT = fileURLToPath(new URL('scope-measurement.ts', import.meta.url));
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '1000' },
  },
});

for (const contender of SCOPE_CONTENDERS) {
  let closed = 0;
  const serve = contender.make(() => {
    closed += 1;
  });
  const answers = [await serve(7), await serve(8)].join();
  if (answers !== 'db 7,db 8' || closed !== 2)
    throw new Error(`${contender.name} answers ${answers}.`);
}

function measure(name: string): Cost {
  // As built: what tsx makes of sources costs more than what users run.
  const argv = ['--import', 'tsx', MEASUREMENT, name, values.milliseconds];
  const ran = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${name}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as Cost;
}

const costs = new Map(SCOPE_CONTENDERS.map(({ name }) => [name, [] as Cost[]]));
for (let round = 0; round < Number(values.rounds); round += 1) {
  const order = round % 2 === 0 ? SCOPE_CONTENDERS : SCOPE_CONTENDERS.toReversed();
  for (const { name } of order) costs.get(name)!.push(measure(name));
}

const date = new Date().toISOString().slice(0, 10);
process.stdout.write(
  `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}, ${date}\n\n` +
    '| container | nanoseconds per scope | to ours | bytes left of each |\n| --- | ---: | ---: | ---: |\n',
);
const ours = median(costs.get(SCOPE_CONTENDERS[0]!.name)!.map(({ nanos }) => nanos));
for (const [name, all] of costs) {
  const nanos = median(all.map((cost) => cost.nanos));
  const bytes = median(all.map((cost) => cost.bytes));
  process.stdout.write(
    `| ${name} | ${nanos.toFixed(0)} | ${(nanos / ours).toFixed(1)} | ${Math.max(0, bytes).toFixed(1)} |\n`,
  );
}
