import type { Ledger } from './run-summary.ts';
import { DROPPED, FAILED, FIRST_STATUS, IN_FLIGHT, OK, SCHEDULED, TIMED_OUT } from './tally.ts';
import type { EndpointTally, Tally } from './tally.ts';

/** Ledger of one endpoint after its run, in flight as counted on the connections. */
export function ledgerOf(endpoint: EndpointTally): Ledger {
  const { ledger } = endpoint;
  return {
    scheduled: ledger[SCHEDULED]!,
    ok: ledger[OK]!,
    failed: ledger[FAILED]!,
    timedOut: ledger[TIMED_OUT]!,
    dropped: ledger[DROPPED]!,
    inFlight: ledger[IN_FLIGHT]!,
  };
}

export function totalLedger(tally: Tally): Ledger {
  return tally.endpointsInUse.map(ledgerOf).reduce(sum, {
    scheduled: 0,
    ok: 0,
    failed: 0,
    timedOut: 0,
    dropped: 0,
    inFlight: 0,
  });
}

/** Ledger of a run under way: what has been scheduled and has not ended is in flight. */
export function ledgerSoFar(tally: Tally): Ledger {
  const total = totalLedger(tally);
  const inFlight = total.scheduled - total.ok - total.failed - total.timedOut - total.dropped;
  return { ...total, inFlight: Math.max(0, inFlight) };
}

/** By how many requests the two sides of a ledger differ: anything but 0 is a bug of ours. */
export function imbalanceOf(ledger: Ledger): number {
  const { scheduled, ok, failed, timedOut, dropped, inFlight } = ledger;
  return scheduled - (ok + failed + timedOut + dropped + inFlight);
}

/** Requests that got a complete response, whatever its status. */
export function answeredCount(tally: Tally): number {
  let count = 0;
  for (const { status } of tally.endpointsInUse) for (const each of status) count += each;
  return count;
}

/** Counts by status code, codes that occurred only. */
export function statusCounts(endpoints: readonly EndpointTally[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of endpoints) {
    status.forEach((count, index) => {
      if (count === 0) return;
      const code = String(FIRST_STATUS + index);
      counts[code] = (counts[code] ?? 0) + count;
    });
  }
  return counts;
}

function sum(left: Ledger, right: Ledger): Ledger {
  return {
    scheduled: left.scheduled + right.scheduled,
    ok: left.ok + right.ok,
    failed: left.failed + right.failed,
    timedOut: left.timedOut + right.timedOut,
    dropped: left.dropped + right.dropped,
    inFlight: left.inFlight + right.inFlight,
  };
}
