import type { Histogram } from '@needletail/stats';
import { distributionOf } from './distribution.ts';
import { iterationLedgerOf, totalIterations } from './iteration-ledger.ts';
import type { IterationsSummary, RunSummary, ScriptError } from './run-summary.ts';
import { namesByPlace } from './script-names.ts';
import type { ScriptTally } from './script-tally.ts';
import { durationOf, type ScriptTotals } from './script-totals.ts';

/** What is known of a run's scripts once it is over. */
export interface ScriptRecord {
  readonly totals: ScriptTotals;
  /** Positions already those of the user's files; most frequent first. */
  readonly errors: readonly ScriptError[];
  /** Bytes the heaps of all threads held at the end beyond what they held at the start; null where nobody looked. */
  readonly heapGrowthBytes: number | null;
  /** Sentences: reasons for which the run failed that no figure tells of, and what else is worth knowing. */
  readonly failures?: readonly string[];
  readonly remarks?: readonly string[];
}

type ScriptPart = Pick<
  RunSummary,
  'checks' | 'iterations' | 'counters' | 'timings' | 'scriptErrors'
>;

const NO_SCRIPTS: ScriptPart = {
  checks: [],
  iterations: null,
  counters: [],
  timings: [],
  scriptErrors: [],
};

/** The part of a summary that runs of scripts add. */
export function summarizeScripts(
  record: ScriptRecord | null,
  perSecond: (amount: number) => number,
): ScriptPart {
  if (record === null) return NO_SCRIPTS;
  const { total, names, scenarios } = record.totals;
  return {
    checks: namesByPlace(names.checks, 'checks')
      .map((name, place) => ({
        name,
        passed: total.checks[2 * place]!,
        failed: total.checks[2 * place + 1]!,
      }))
      .filter(({ passed, failed }) => passed + failed > 0),
    iterations: summarizeIterations(total, scenarios),
    counters: namesByPlace(names.counters, 'counters').flatMap((name, place) =>
      total.counterUses[place] === 0
        ? []
        : [{ name, total: total.counters[place]!, perSecond: perSecond(total.counters[place]!) }],
    ),
    timings: namesByPlace(names.timings, 'timings')
      .map((name, place) => ({
        name,
        timeMs: distributionOf(total.timings[place]!),
      }))
      .filter(({ timeMs }) => timeMs.count > 0),
    scriptErrors: record.errors,
  };
}

/** Share of the iterations' time in which a request was open, 0 to 1: the rest the users paused or computed. */
export function waitingShare(total: ScriptTally, serviceTime: Histogram): number {
  const duration = durationOf(total);
  const inIterations = duration.mean * duration.count;
  if (inIterations === 0) return 0;
  return Math.min(1, (serviceTime.mean * serviceTime.count) / inIterations);
}

function summarizeIterations(total: ScriptTally, names: readonly string[]): IterationsSummary {
  return {
    ...totalIterations(total),
    durationMs: distributionOf(durationOf(total)),
    scenarios: total.scenarios.map((scenario, index) => ({
      name: names[index]!,
      ...iterationLedgerOf(scenario),
      durationMs: distributionOf(scenario.duration),
    })),
  };
}
