import { runLoad } from '@needletail/load';
import type { Plan, RunResult } from '@needletail/load';
import type { Gates } from './gates.ts';
import type { Oracle, OracleLog } from './oracle.ts';
import { scriptedPlan } from './scripted-plan.ts';
import { keepCoresAwake, machineBusyMs, processBusyMs, untilQuiet } from './quiet-machine.ts';

/** Share of one core, in percent, that programs other than the two sides may take during a run. */
const FOREIGN_PERCENT = 1;
const MOST_ATTEMPTS = 6;

/** A run and what the oracle saw of it. */
export interface Measured extends RunResult {
  readonly log: OracleLog;
}

export interface MeasureOptions {
  /** Goes on beside the run. */
  readonly during?: () => Promise<void>;
  /** Keeps idle cores from sleeping: for loads with pauses of milliseconds in which both sides rest. */
  readonly awake?: boolean;
}

/**
 * Runs a plan against an oracle on a machine that is otherwise quiet. When other programs took more than a little
 * processor time meanwhile, the run says nothing about accuracy: it is done again, a few times, and that is printed.
 * How the run itself came out has no say in it. With `--scripted` a user is a scenario instead of a connection.
 */
export async function measure(
  gates: Gates,
  oracle: Oracle,
  plan: Plan,
  options: MeasureOptions = {},
): Promise<Measured> {
  const run = process.argv.includes('--scripted') ? await scriptedPlan(plan) : plan;
  for (let attempt = 1; ; attempt += 1) {
    await untilQuiet();
    await oracle.clear();
    const wakefulness =
      options.awake === true ? keepCoresAwake() : { pids: [], stop: () => undefined };
    const ownMs = (): number => {
      const { user, system } = process.cpuUsage();
      const others = [oracle.pid, ...wakefulness.pids].map(processBusyMs);
      return (user + system) / 1000 + others.reduce((sum, ms) => sum + ms, 0);
    };
    const startedAt = performance.now();
    const foreignBefore = machineBusyMs() - ownMs();
    const [result] = await Promise.all([runLoad(run), options.during?.()]);
    const foreignMs = machineBusyMs() - ownMs() - foreignBefore;
    const percent = (100 * foreignMs) / (performance.now() - startedAt);
    wakefulness.stop();
    const measured = { ...result, log: await oracle.log() };
    if (percent <= FOREIGN_PERCENT) return measured;
    const isLast = attempt === MOST_ATTEMPTS;
    gates.note(
      `    not quiet, others took ${percent.toFixed(1)}% of a core: ${isLast ? 'judged all the same' : 'once more'}`,
    );
    if (isLast) return measured;
  }
}
