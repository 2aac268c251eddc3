import type { Distribution, RunSummary } from '@needletail/load/summary';

const some: Distribution = {
  count: 3,
  min: 1,
  mean: 1.5,
  stddev: 0.5,
  max: 3,
  p50: 1,
  p75: 1.5,
  p90: 2,
  p95: 2.5,
  p99: 3,
  p999: 3,
  p9999: 3,
};
const iterations = { scheduled: 4, ok: 2, failed: 1, dropped: 0, inFlight: 1 };
const ledger = { scheduled: 5, ok: 2, failed: 1, timedOut: 1, dropped: 0, inFlight: 1 };

/** A small run in which nearly every field holds something. */
export function sampleRun(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    schema: 'needletail.run/1',
    tool: { version: '0.1.0', runtime: 'node 20.20.2' },
    plan: {
      name: 'sample',
      target: 'http://127.0.0.1:3000/',
      model: 'open',
      description: '5 requests/s for 1s',
      load: { kind: 'rate', rate: 5, durationMs: 1000, arrivals: 'even' },
      requests: [{ name: 'GET /', method: 'GET', url: 'http://127.0.0.1:3000/', weight: 1 }],
      order: 'sequence',
      maxRequests: null,
      maxIterations: null,
      connections: 10,
      workers: 1,
      timeoutMs: 10_000,
      warmupMs: 0,
      thinkMs: 0,
      keepAlive: true,
      pipelining: 1,
      insecure: false,
      onlyOk: false,
      seed: 1,
      feed: null,
      script: 'load/shop.ts',
      streams: [
        {
          scenarios: [{ name: 'browse', weight: 1 }],
          load: { kind: 'rate', rate: 5, durationMs: 1000, arrivals: 'even' },
          maxIterations: null,
          maxUsers: 10,
          thinkMs: 0,
        },
      ],
    },
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 2000.5,
    ended: 'complete',
    ledger,
    failures: [{ kind: 'status', message: 'HTTP 503', count: 1 }],
    status: { '200': 2, '503': 1 },
    throughput: { requestsPerSecond: 2, receivedBytesPerSecond: 300, sentBytesPerSecond: 100.5 },
    latencyMs: some,
    serviceTimeMs: some,
    scheduleLagMs: some,
    phasesMs: { connect: some, tls: some, firstByte: some },
    histogram: [{ fromMs: 1, toMs: 3, count: 3 }],
    apdex: { thresholdMs: 500, score: 0.5 },
    endpoints: [{ name: 'GET /', ledger, status: { '200': 2, '503': 1 }, latencyMs: some }],
    series: [
      {
        t: 1,
        scheduled: 5,
        ok: 2,
        failed: 1,
        users: 2,
        requestsPerSecond: 3,
        latencyMs: { p50: 1, p95: 2.5, p99: 3, max: 3.125 },
      },
      {
        t: 2,
        scheduled: 0,
        ok: 0,
        failed: 1,
        users: 1,
        requestsPerSecond: 0,
        latencyMs: { p50: 0, p95: 0, p99: 0, max: 0 },
      },
    ],
    checks: [{ name: 'has an id', passed: 2, failed: 0 }],
    iterations: {
      ...iterations,
      durationMs: some,
      scenarios: [{ name: 'browse', ...iterations, durationMs: some }],
    },
    counters: [{ name: 'balance', total: -2.5, perSecond: -1.25 }],
    timings: [{ name: 'checkout / pay', timeMs: some }],
    scriptErrors: [
      {
        scenario: 'browse',
        message: 'TypeError: x is not a function',
        stack: ['at user (load/shop.ts:12:9)'],
        count: 1,
        unhandled: false,
      },
    ],
    thresholds: [
      { expression: 'p99 < 50ms', actual: 3, ok: true },
      { expression: '[GET /a] p95 < 80ms', actual: null, ok: false },
    ],
    control: [
      { t: 1.2, action: 'pause', value: null, stream: null },
      { t: 1.9, action: 'users', value: 60, stream: 'shoppers' },
    ],
    target: {
      series: [
        { name: 'CPU', unit: 'percent', source: 'pid 4711', points: [{ t: 1, value: 97.5 }] },
      ],
      problems: ['http://127.0.0.1:3000/metrics answered 404.'],
    },
    generator: {
      workers: 1,
      cpuMicrosPerRequest: 11.4,
      eventLoopUtilization: null,
      latenessMs: { p50: 0.004, p99: 0.061 },
      starvedPercent: null,
      gcPauseMs: { count: 1, total: 0.5, max: 0.5 },
      floorMs: { p50: 0.03, p99: 0.09 },
    },
    verdict: { status: 'fail', bottleneck: 'none', reasons: ['nothing was there to judge'] },
    ...changes,
  };
}
