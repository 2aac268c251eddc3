import type { IterationLedger } from './run-summary.ts';
import type { ScenarioTally, ScriptTally } from './script-tally.ts';
import { DROPPED, FAILED, IN_FLIGHT, OK, SCHEDULED } from './tally.ts';

/** Iterations of one scenario after its run, in flight as counted on the users. */
export function iterationLedgerOf({ ledger }: ScenarioTally): IterationLedger {
  return {
    scheduled: ledger[SCHEDULED]!,
    ok: ledger[OK]!,
    failed: ledger[FAILED]!,
    dropped: ledger[DROPPED]!,
    inFlight: ledger[IN_FLIGHT]!,
  };
}

export function totalIterations(tally: ScriptTally): IterationLedger {
  return tally.scenarios.map(iterationLedgerOf).reduce(
    (left, right) => ({
      scheduled: left.scheduled + right.scheduled,
      ok: left.ok + right.ok,
      failed: left.failed + right.failed,
      dropped: left.dropped + right.dropped,
      inFlight: left.inFlight + right.inFlight,
    }),
    { scheduled: 0, ok: 0, failed: 0, dropped: 0, inFlight: 0 },
  );
}

/** Iterations of a run under way: what has been scheduled and has not ended is in flight. */
export function iterationsSoFar(tally: ScriptTally): IterationLedger {
  const total = totalIterations(tally);
  const inFlight = total.scheduled - total.ok - total.failed - total.dropped;
  return { ...total, inFlight: Math.max(0, inFlight) };
}

/** By how many iterations the two sides differ: anything but 0 is a bug of ours. */
export function iterationImbalanceOf(ledger: IterationLedger): number {
  return ledger.scheduled - (ledger.ok + ledger.failed + ledger.dropped + ledger.inFlight);
}
