// What a lookup costs with 10, 100 and 1,000 routes: ours, what it was chosen over, and the routers of others. Every
// measurement is a process of its own, the order turned round each time; all must give the same answers before. Printed are
// medians in nanoseconds for the table of docs/server/routing.md, with the ratio to ours.
//
//   npx tsx --conditions=@needletail/source bench/src/routers/table.ts [--rounds 5] [--milliseconds 60]
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../compare/median.ts';
import { CONTENDERS, type Contender } from './contenders.ts';
import { ROWS, resourcesOf, tableRoutes } from './table-workload.ts';

const SIZES = [10, 100, 1000];
const MEASUREMENT = fileURLToPath(new URL('table-measurement.ts', import.meta.url));

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    milliseconds: { type: 'string', default: '60' },
  },
});

/** What a contender answers to every row, as text. */
function answers(contender: Contender, size: number): Map<string, string> {
  const router = contender.make();
  const routes = tableRoutes(size, !contender.leavesOut.includes('constrained'));
  for (const [index, pattern] of routes.entries()) router.add(pattern, index + 1);
  return new Map(
    ROWS.filter(({ name }) => !contender.leavesOut.includes(name)).map(({ name, path, names }) => {
      const found = Array.from({ length: resourcesOf(size) }, (_, at) => {
        const match = router.find(path(at));
        const read = names.map(
          (each) => match?.params[each === '*' ? contender.restName : each] ?? '',
        );
        return match === null ? 'none' : `${match.value} ${read.join(' ')}`;
      });
      return [name, found.join('\n')] as const;
    }),
  );
}

function refuseDisagreement(size: number): void {
  const expected = answers(CONTENDERS[0], size);
  for (const contender of CONTENDERS) {
    for (const [row, answer] of answers(contender, size)) {
      if (answer === expected.get(row)) continue;
      throw new Error(`${contender.name} answers "${row}" with ${size} routes otherwise.`);
    }
  }
}

function measure(contender: Contender, size: number): Record<string, number> {
  const argv = [contender.name, String(size), values.milliseconds];
  const loader = ['--conditions=@needletail/source', '--import', 'tsx'];
  const ran = spawnSync(process.execPath, [...loader, MEASUREMENT, ...argv], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${contender.name}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as Record<string, number>;
}

function cell(own: number[] | undefined, base: number): string {
  if (own === undefined) return '-';
  const nanos = median(own);
  return `${nanos < 10_000 ? nanos.toFixed(0) : `${(nanos / 1000).toFixed(0)}k`} (${(nanos / base).toFixed(2)})`;
}

const date = new Date().toISOString().slice(0, 10);
process.stdout.write(
  `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}, ${date}\n` +
    'nanoseconds per lookup, parameters read; in parentheses the ratio to ours\n',
);
for (const size of SIZES) {
  refuseDisagreement(size);
  const all = new Map(CONTENDERS.map(({ name }) => [name, {} as Record<string, number[]>]));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const contender of round % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed()) {
      const own = all.get(contender.name)!;
      for (const [row, nanos] of Object.entries(measure(contender, size))) {
        (own[row] ??= []).push(nanos);
      }
    }
  }
  const ours = all.get(CONTENDERS[0].name)!;
  process.stdout.write(`\n| ${size} routes | ${ROWS.map(({ name }) => name).join(' | ')} |\n`);
  process.stdout.write(`| --- | ${ROWS.map(() => '---').join(' | ')} |\n`);
  for (const [name, own] of all) {
    const cells = ROWS.map((row) => cell(own[row.name], median(ours[row.name])));
    process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`);
  }
}
