import type { Histogram } from '@needletail/stats';
import { ledgerOf, ledgerSoFar } from './ledger.ts';
import type { Ledger } from './run-summary.ts';
import { SATISFIED, TOLERATING } from './tally.ts';
import type { Tally } from './tally.ts';
import type { MetricsView, ScriptMetricsView } from './threshold.ts';

/** What thresholds are judged by: a tally, the names of its endpoints, the time it covers, and what scripts left. */
export function viewOf(
  tally: Tally,
  names: readonly string[],
  elapsedMs: number,
  scripts?: ScriptMetricsView,
): MetricsView {
  const view = (ledger: Ledger, latency: Histogram, serviceTime: Histogram): MetricsView => ({
    ledger,
    elapsedMs,
    latency,
    serviceTime,
    apdex: () => apdexOf(tally),
    endpoint: (name) => {
      const index = names.indexOf(name);
      const endpoint = tally.endpoints[index];
      if (endpoint === undefined) return null;
      const own = endpoint.latency ?? tally.latency;
      return view(ledgerOf(endpoint), own, own);
    },
  });
  const whole = view(ledgerSoFar(tally), tally.latency, tally.serviceTime);
  return scripts === undefined ? whole : { ...whole, scripts };
}

/** Apdex (Application Performance Index, technical specification 1.1): failures count as frustrated. */
export function apdexOf(tally: Tally): number {
  const { scheduled, inFlight } = ledgerSoFar(tally);
  const ended = scheduled - inFlight;
  if (ended === 0) return 0;
  return (tally.counters[SATISFIED]! + tally.counters[TOLERATING]! / 2) / ended;
}
