import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GENERATOR_CORE, ORACLE_CORE } from './quiet-machine.ts';

const PROGRAM = fileURLToPath(new URL('stall-meter-program.ts', import.meta.url));
const LISTEN_MS = 2000;
const CORES = [GENERATOR_CORE, ORACLE_CORE] as const;

/** For how long a program that wants a core at a random moment is kept from it by the machine. */
export interface MachineStalls {
  /** Share of the time in which the core of either side was away, 0 to 1; the worse of the two. */
  readonly share: number;
  /** Quantile `q` of the wait in milliseconds, on the worse of the two cores. */
  quantileMs(q: number): number;
}

/**
 * Keeps both cores busy for two seconds and sees when the machine takes them away. Both at once, as in a run: a virtual
 * machine that uses one core keeps it, one that uses all of them shares them with its neighbours.
 */
export async function listenForStalls(): Promise<MachineStalls> {
  const gaps = await Promise.all(CORES.map(gapsOf));
  return stallsOf(gaps, LISTEN_MS);
}

/** Both stretches of listening as one. */
export function worseOf(one: MachineStalls, other: MachineStalls): MachineStalls {
  return {
    share: Math.max(one.share, other.share),
    quantileMs: (q) => Math.max(one.quantileMs(q), other.quantileMs(q)),
  };
}

function stallsOf(coresMs: readonly (readonly number[])[], listenedMs: number): MachineStalls {
  return {
    share: Math.max(...coresMs.map((gaps) => overMs(gaps, 0) / listenedMs)),
    quantileMs: (q) => Math.max(...coresMs.map((gaps) => waitMs(gaps, (1 - q) * listenedMs))),
  };
}

/** At a random moment the wait exceeds w with the probability `overMs(w) / listened`: solved for w by halving. */
function waitMs(gaps: readonly number[], budgetMs: number): number {
  if (overMs(gaps, 0) <= budgetMs) return 0;
  let low = 0;
  let high = Math.max(...gaps);
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (overMs(gaps, middle) > budgetMs) low = middle;
    else high = middle;
  }
  return high;
}

function overMs(gaps: readonly number[], wait: number): number {
  return gaps.reduce((sum, gap) => sum + Math.max(0, gap - wait), 0);
}

async function gapsOf(core: number): Promise<number[]> {
  const args = ['-c', String(core), process.execPath, ...process.execArgv, PROGRAM];
  const { stdout } = await promisify(execFile)('taskset', [...args, String(LISTEN_MS)], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as number[];
}
