import { runLoad } from '@needletail/load';
import type { Plan, RunResult } from '@needletail/load';
import type { Gates } from './gates.ts';
import type { Oracle, OracleLog } from './oracle.ts';
import { runQueueWaitMs } from './quiet-machine.ts';

/** Share of a run, in percent, that either side may have waited for a processor. */
const QUIET_PERCENT = 0.5;
const MOST_ATTEMPTS = 6;

/** A run and what the oracle saw of it. */
export interface Measured extends RunResult {
  readonly log: OracleLog;
}

/**
 * Runs a plan against an oracle. When the kernel says that something else took the processor from either side, the run
 * says nothing about accuracy: it is done again, a few times, and each repetition is printed.
 */
export async function measure(
  gates: Gates,
  oracle: Oracle,
  plan: Plan,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<Measured> {
  for (let attempt = 1; ; attempt += 1) {
    await oracle.clear();
    const waitedBefore = runQueueWaitMs(oracle.pid);
    const startedAt = performance.now();
    const [result] = await Promise.all([runLoad(plan), during()]);
    const elapsedMs = performance.now() - startedAt;
    const oraclePercent = (100 * (runQueueWaitMs(oracle.pid) - waitedBefore)) / elapsedMs;
    const generatorPercent = result.summary.generator.starvedPercent ?? 0;
    const log = await oracle.log();
    if (Math.max(oraclePercent, generatorPercent) <= QUIET_PERCENT) return { ...result, log };
    const waits = `server ${oraclePercent.toFixed(1)}%, generator ${generatorPercent.toFixed(1)}%`;
    if (attempt === MOST_ATTEMPTS) {
      gates.note(`    not quiet (${waits} waiting for a processor): judged all the same`);
      return { ...result, log };
    }
    gates.note(`    not quiet (${waits} waiting for a processor): once more`);
  }
}
