// Runs small functions against each other: every measurement in a process of its own, the order turned round each time,
// agreement checked before. A file with a contest calls `runContest(import.meta.url, cases)` and is its own measuring process.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from './median.ts';

/** Does the work once; what it gives is for the check of agreement only. */
type Work = () => unknown;

/** Contenders by name; the first one is what ratios are to. Preparing is not measured. */
export type Contest = Readonly<Record<string, () => Work>>;

const ROUNDS = 3;
const BUDGET_MS = 150;
const LEAST_PASSES = 5;
const BUN = fileURLToPath(new URL('../../peers/node_modules/.bin/bun', import.meta.url));

/** Prints a table of medians for Node, and for Bun where it is installed in bench/peers. */
export async function runContest(
  url: string,
  cases: Readonly<Record<string, Contest>>,
): Promise<void> {
  const [caseName, contender] = process.argv.slice(2);
  if (caseName !== undefined && contender !== undefined) {
    const nanos = await measure(cases[caseName]![contender]!());
    process.stdout.write(`${nanos}\n`);
    return;
  }
  for (const [name, contest] of Object.entries(cases)) await refuseDisagreement(name, contest);
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${date}`;
  process.stdout.write(`${machine}; nanoseconds, in parentheses the ratio to the first\n`);
  const file = fileURLToPath(url);
  // As built: what tsx makes of sources costs more than what users run.
  table(`Node ${process.versions.node}`, cases, [process.execPath, '--import', 'tsx', file]);
  if (existsSync(BUN)) table('Bun', cases, [BUN, file]);
}

function table(
  runtime: string,
  cases: Readonly<Record<string, Contest>>,
  command: readonly string[],
): void {
  process.stdout.write(`\n${runtime}\n`);
  for (const [name, contest] of Object.entries(cases)) {
    const names = Object.keys(contest);
    const all = new Map(names.map((each) => [each, [] as number[]]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const each of round % 2 === 0 ? names : names.toReversed()) {
        all.get(each)!.push(spawned([...command, name, each]));
      }
    }
    const base = median(all.get(names[0]!)!);
    const cells = [...all].map(([each, nanos]) => {
      const middle = median(nanos);
      return `${each} ${middle.toFixed(0)} (${(middle / base).toFixed(2)})`;
    });
    process.stdout.write(`  ${name.padEnd(22)} ${cells.join('   ')}\n`);
  }
}

function spawned([program = '', ...argv]: readonly string[]): number {
  const ran = spawnSync(program, argv, { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${argv.join(' ')}: ${ran.stderr}`);
  return Number(ran.stdout);
}

async function refuseDisagreement(name: string, contest: Contest): Promise<void> {
  let expected: string | null = null;
  for (const [contender, prepare] of Object.entries(contest)) {
    const given = JSON.stringify(await prepare()());
    expected ??= given;
    if (given !== expected)
      throw new Error(`${contender} gives something else for "${name}": ${given}`);
  }
}

/** Nanoseconds of one call: of the passes within the budget the middle one, as others are busy at times. */
async function measure(work: Work): Promise<number> {
  const isLater = work() instanceof Promise;
  const calls = await callsPerPass(work, isLater);
  const passes: number[] = [];
  const until = performance.now() + BUDGET_MS;
  while (performance.now() < until || passes.length < LEAST_PASSES) {
    passes.push((await pass(work, isLater, calls)) / calls);
  }
  return median(passes);
}

/** As many as take about two milliseconds, after as long a warming-up as the measurement. */
async function callsPerPass(work: Work, isLater: boolean): Promise<number> {
  const until = performance.now() + BUDGET_MS;
  let calls = 1;
  while (performance.now() < until) {
    const nanos = await pass(work, isLater, calls);
    if (nanos < 2e6) calls = Math.min(calls * 2, 1_000_000);
  }
  return calls;
}

async function pass(work: Work, isLater: boolean, calls: number): Promise<number> {
  const startedAt = process.hrtime.bigint();
  if (isLater) for (let call = 0; call < calls; call += 1) await work();
  else for (let call = 0; call < calls; call += 1) work();
  return Number(process.hrtime.bigint() - startedAt);
}
