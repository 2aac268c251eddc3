/*
 * Nanoseconds to decode one response that arrives whole: ours against rivals.
 *   npm run build && npx tsx bench/src/codec.ts [rounds=5]
 * Checks first that all agree on the answer. Every figure comes from a fresh process; rounds go through the rivals in
 * alternating order; the table gives the median and, as noise, half the spread between rounds.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BENCH_MESSAGES, type BenchMessages } from './codec-messages.ts';
import { CODEC_RIVALS, type CodecTally } from './codec-rivals.ts';

const WARM_MESSAGES = 200_000;
const TIMED_MESSAGES = 500_000;

function checkAgreement(): void {
  for (const { name, variants } of BENCH_MESSAGES) {
    const tallies = Object.entries(CODEC_RIVALS).map(([rival, make]) => {
      const { decode, tally } = make();
      for (const message of variants) decode(message);
      return { rival, tally };
    });
    const [first, ...others] = tallies;
    for (const { rival, tally } of others) {
      if (!isSame(first.tally, tally)) {
        throw new Error(
          `Rivals disagree on "${name}": ${first.rival} ${JSON.stringify(first.tally)}, ` +
            `${rival} ${JSON.stringify(tally)}. Fix that before timing.`,
        );
      }
    }
  }
}

function isSame(first: CodecTally, second: CodecTally): boolean {
  return JSON.stringify(first) === JSON.stringify(second);
}

/** Nanoseconds a message, in this process. */
function measure(rival: string, { variants }: BenchMessages): number {
  const { decode } = CODEC_RIVALS[rival]();
  const run = (count: number): void => {
    for (let left = count; left > 0;) {
      for (let index = 0; index < variants.length && left > 0; index += 1, left -= 1) {
        decode(variants[index]);
      }
    }
  };
  run(WARM_MESSAGES);
  const startedAt = process.hrtime.bigint();
  run(TIMED_MESSAGES);
  return Number(process.hrtime.bigint() - startedAt) / TIMED_MESSAGES;
}

function measureInFreshProcess(rival: string, messageIndex: number): number {
  const script = fileURLToPath(import.meta.url);
  const output = execFileSync(
    process.execPath,
    [...process.execArgv, '--no-deprecation', script, 'measure', rival, String(messageIndex)],
    { encoding: 'utf8' },
  );
  return Number(output);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second);
  return sorted[Math.floor(sorted.length / 2)];
}

function compare(rounds: number): void {
  checkAgreement();
  const rivals = Object.keys(CODEC_RIVALS);
  process.stdout.write(`| ns per message, ${process.version} | ${rivals.join(' | ')} |\n`);
  process.stdout.write(`|---|${rivals.map(() => '---|').join('')}\n`);
  for (const [messageIndex, messages] of BENCH_MESSAGES.entries()) {
    const figures = new Map<string, number[]>(rivals.map((rival) => [rival, []]));
    for (let round = 0; round < rounds; round += 1) {
      const order = round % 2 === 0 ? rivals : rivals.toReversed();
      for (const rival of order)
        figures.get(rival)?.push(measureInFreshProcess(rival, messageIndex));
    }
    const cells = [...figures.values()].map((values) => {
      const noise = (Math.max(...values) - Math.min(...values)) / 2;
      return `${median(values).toFixed(0)} ± ${noise.toFixed(0)}`;
    });
    process.stdout.write(`| ${messages.name} | ${cells.join(' | ')} |\n`);
  }
}

const [mode, rival, messageIndex] = process.argv.slice(2);
if (mode === 'measure') {
  process.stdout.write(String(measure(rival, BENCH_MESSAGES[Number(messageIndex)])));
} else {
  compare(mode === undefined ? 5 : Number(mode));
}
