/*
 * Asks random paths of random sets of routes, by default 100,000 sets, of every router in bench/src/routers:
 * npx tsx --conditions=@needletail/source scripts/fuzz-router.ts [sets] [seed]
 * Exits 1 with the routes, the path and the seed when two disagree, 2 on bad arguments.
 */
import { disagreement, type AgreementTally } from '../bench/src/routers/agreement.ts';

const PROGRESS_SETS = 10_000;

function main(): number {
  const count = readNumber(process.argv[2], 100_000);
  const seed = readNumber(process.argv[3], Date.now() % 1_000_000);
  const tally: AgreementTally = { compared: {}, excluded: {} };
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) {
    const finding = disagreement(seed, index, tally);
    if (finding !== null) {
      process.stdout.write(`finding: seed ${seed}, set ${index}\n${finding}\n`);
      return 1;
    }
    if ((index + 1) % PROGRESS_SETS === 0) process.stdout.write(`${index + 1} sets\n`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  process.stdout.write(`${count} sets, seed ${seed}, all agree, ${seconds.toFixed(1)} s\n`);
  for (const [name, compared] of Object.entries(tally.compared)) {
    process.stdout.write(
      `${name}: ${compared} paths compared, ${tally.excluded[name]} left out for known differences\n`,
    );
  }
  return 0;
}

function readNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  process.stderr.write(
    `Bad argument: ${text} is not a whole number. Usage: fuzz-router.ts [sets] [seed]\n`,
  );
  process.exit(2);
}

process.exitCode = main();
