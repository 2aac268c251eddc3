import type { LiveScripts, LiveSnapshot } from '@needletail/load/summary';

/** What a run reports of itself `second` seconds in. */
export function snapshot(second: number, changes: Partial<LiveSnapshot> = {}): LiveSnapshot {
  const scheduled = 18_200 * second;
  return {
    elapsedMs: second * 1000,
    plannedMs: 10_000,
    plannedRequests: null,
    warmingUp: false,
    ledger: { scheduled, ok: scheduled - 52, failed: 2, timedOut: 0, dropped: 0, inFlight: 50 },
    status: { '200': scheduled - 52, '503': 2 },
    failures: [{ kind: 'status', message: 'HTTP 503', count: 2 }],
    point: {
      t: second,
      scheduled: 18_200,
      ok: 18_198,
      failed: 2,
      users: 50,
      requestsPerSecond: 18_000 + (second % 4) * 300,
      latencyMs: { p50: 2.6, p95: 4.7, p99: 7 + (second % 5), max: 23.8 },
    },
    scripts: null,
    openConnections: 50,
    generator: { cpu: 0.43, starvedPercent: 0.2, latenessP99Ms: 0.061 },
    ...changes,
  };
}

/** Six seconds into a run of scripts. */
export function liveScripts(): LiveScripts {
  return {
    iterations: { scheduled: 2428, ok: 2380, failed: 8, dropped: 2, inFlight: 38 },
    iterationsPerSecond: 398,
    checks: { passed: 7100, failed: 7 },
  };
}
