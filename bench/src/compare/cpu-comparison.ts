import { cpus } from 'node:os';
import { marginalMicros } from './marginal.ts';
import { median } from './median.ts';
import { wrk, type Tool } from './tools.ts';

/** Flags of every comparison by processor time, for `parseArgs`. */
export const CPU_FLAGS = {
  rounds: { type: 'string', default: '5' },
  long: { type: 'string', default: '8' },
  short: { type: 'string', default: '2' },
  connections: { type: 'string', default: '50' },
  only: { type: 'string', default: '' },
} as const;

/** What they hold, as typed. */
type CpuFlags = Readonly<Record<keyof typeof CPU_FLAGS, string>>;

/** Those of `candidates` that are installed and asked for; wrk is always asked for, an Error when it is missing. */
export function toolsWanted(candidates: readonly Tool[], { only }: CpuFlags): readonly Tool[] {
  const wanted = only.split(',').filter((name) => name !== '');
  const tools = candidates.filter((tool) => {
    if (tool.program === null) process.stderr.write(`${tool.name}: not installed, left out\n`);
    const isWanted = wanted.length === 0 || wanted.some((name) => tool.name.includes(name));
    return tool.program !== null && (isWanted || tool === wrk);
  });
  if (!tools.includes(wrk)) throw new Error('wrk is the measure of this comparison. Install it.');
  return tools;
}

/**
 * Measures the marginal cost of a request of each tool once a round, in an order that turns round, and prints a table of medians under
 * `title`, the last column named `ratio`.
 */
export async function compareCpu(
  tools: readonly Tool[],
  target: { readonly url: string; readonly stop: () => Promise<unknown> },
  flags: CpuFlags,
  { title, ratio }: { readonly title: string; readonly ratio: string },
): Promise<void> {
  const rounds = Number(flags.rounds);
  const lengths = { shortSeconds: Number(flags.short), longSeconds: Number(flags.long) };
  const micros = new Map<Tool, number[]>(tools.map((tool) => [tool, []]));
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const tool of round % 2 === 0 ? tools : tools.toReversed()) {
        const cost = marginalMicros(tool, target.url, Number(flags.connections), lengths);
        micros.get(tool)!.push(cost);
        process.stderr.write(`round ${round + 1}/${rounds}  ${tool.name}  ${cost.toFixed(2)} us\n`);
      }
    }
  } finally {
    await target.stop();
  }
  const day = new Date().toISOString().slice(0, 10);
  process.stdout.write(
    `${title}, ${flags.connections} connections, ${rounds} rounds\n` +
      `${cpus().length} x ${cpus()[0]!.model}, node ${process.versions.node}, ${day}\n\n`,
  );
  process.stdout.write(`${row('tool', 'us/request', 'range', ratio)}\n`);
  const base = micros.get(wrk)!;
  for (const [{ name }, own] of micros) {
    const toWrk = median(own.map((cost, round) => cost / base[round]!));
    const range = `${Math.min(...own).toFixed(2)}-${Math.max(...own).toFixed(2)}`;
    process.stdout.write(`${row(name, median(own).toFixed(2), range, toWrk.toFixed(2))}\n`);
  }
}

function row(name: string, cost: string, range: string, ratio: string): string {
  return `${name.padEnd(28)} ${cost.padStart(10)}  ${range.padStart(15)}  ${ratio}`;
}
