import type { Distribution, RunSummary } from '@needletail/load/summary';

/** A distribution whose percentiles are fixed multiples of its median; `count` 0 gives the empty one. */
export function distribution(count: number, p50: number): Distribution {
  const at = (factor: number) => (count === 0 ? 0 : Math.round(p50 * factor * 1000) / 1000);
  return {
    count,
    min: at(0.4),
    mean: at(1.1),
    stddev: at(0.3),
    max: at(9),
    p50: at(1),
    p75: at(1.2),
    p90: at(1.5),
    p95: at(1.8),
    p99: at(3),
    p999: at(6),
    p9999: at(8),
  };
}

/** 182,060 requests by 50 users in ten seconds, nothing wrong. */
export function healthyRun(changes: Partial<RunSummary> = {}): RunSummary {
  const count = 182_060;
  const latencyMs = distribution(count - 10, 2.64);
  return {
    schema: 'needletail.run/1',
    tool: { version: '0.1.0', runtime: 'node 20.20.2' },
    plan: {
      name: null,
      target: 'http://127.0.0.1:3000/',
      model: 'closed',
      description: '50 users for 10s',
      load: { kind: 'constant', users: 50, durationMs: 10_000 },
      requests: [{ name: 'GET /', method: 'GET', url: 'http://127.0.0.1:3000/', weight: 1 }],
      order: 'sequence',
      maxRequests: null,
      maxIterations: null,
      connections: 50,
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
      script: null,
      streams: [],
    },
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 10_002.1,
    ended: 'complete',
    ledger: { scheduled: count, ok: count - 10, failed: 0, timedOut: 0, dropped: 0, inFlight: 10 },
    failures: [],
    status: { '200': count - 10 },
    throughput: {
      requestsPerSecond: 18_201.2,
      receivedBytesPerSecond: 4_100_000,
      sentBytesPerSecond: 1_210_000,
    },
    latencyMs,
    serviceTimeMs: latencyMs,
    scheduleLagMs: distribution(count - 10, 0),
    phasesMs: {
      connect: distribution(50, 0.21),
      tls: distribution(0, 0),
      firstByte: distribution(count - 10, 2.6),
    },
    histogram: [40, 1200, 60_000, 90_000, 21_000, 7000, 2000, 700, 100, 10].map((bin, index) => ({
      fromMs: 1.056 * 1.37 ** index,
      toMs: 1.056 * 1.37 ** (index + 1),
      count: bin,
    })),
    apdex: { thresholdMs: 500, score: 1 },
    endpoints: [
      {
        name: 'GET /',
        ledger: {
          scheduled: count,
          ok: count - 10,
          failed: 0,
          timedOut: 0,
          dropped: 0,
          inFlight: 10,
        },
        status: { '200': count - 10 },
        latencyMs,
      },
    ],
    series: Array.from({ length: 10 }, (_, second) => ({
      t: second + 1,
      scheduled: 18_206,
      ok: 18_205,
      failed: 0,
      users: 50,
      requestsPerSecond: second === 0 ? 12_100 : 18_800 - (second % 3) * 400,
      latencyMs: { p50: 2.6, p95: 4.7, p99: second === 6 ? 19.2 : 7.9, max: 23.8 },
    })),
    checks: [],
    iterations: null,
    counters: [],
    timings: [],
    scriptErrors: [],
    thresholds: [{ expression: 'error rate < 1%', actual: 0, ok: true }],
    control: [],
    target: null,
    generator: {
      workers: 1,
      cpuMicrosPerRequest: 11.4,
      eventLoopUtilization: 0.21,
      latenessMs: { p50: 0.004, p99: 0.061 },
      starvedPercent: 0.4,
      gcPauseMs: { count: 12, total: 8.1, max: 1.9 },
      floorMs: { p50: 0.031, p99: 0.094 },
    },
    verdict: { status: 'pass', bottleneck: 'none', reasons: [] },
    ...changes,
  };
}

/** An open run against a target that breaks under it: failures of several kinds, late answers, thresholds failing. */
export function brokenRun(): RunSummary {
  const healthy = healthyRun();
  const ledger = {
    scheduled: 60_000,
    ok: 57_390,
    failed: 1210,
    timedOut: 800,
    dropped: 588,
    inFlight: 12,
  };
  return healthyRun({
    plan: {
      ...healthy.plan,
      name: 'checkout',
      model: 'open',
      description: '2,000 requests/s for 30s (poisson), at most 1,000 connections',
      connections: 1000,
      warmupMs: 5000,
      insecure: true,
    },
    durationMs: 31_204,
    ledger,
    failures: [
      { kind: 'reset', message: 'connection closed before an answer', count: 80 },
      { kind: 'status', message: 'HTTP 503', count: 1130 },
      { kind: 'timeout', message: 'no answer within 10 s', count: 800 },
    ],
    status: { '200': 57_390, '503': 1130 },
    throughput: {
      requestsPerSecond: 1875.4,
      receivedBytesPerSecond: 402_000,
      sentBytesPerSecond: 110_400,
    },
    latencyMs: distribution(59_988, 48.1),
    serviceTimeMs: distribution(59_400, 31.9),
    scheduleLagMs: distribution(59_988, 12.2),
    histogram: [1200, 9000, 24_000, 17_000, 6000, 2000, 600, 150, 30, 8].map((bin, index) => ({
      fromMs: 19.2 * 1.366 ** index,
      toMs: 19.2 * 1.366 ** (index + 1),
      count: bin,
    })),
    checks: [
      { name: 'cart created', passed: 57_390, failed: 0 },
      { name: 'body has an id', passed: 57_000, failed: 390 },
    ],
    thresholds: [
      { expression: 'p99 < 50ms', actual: 144.3, ok: false },
      { expression: 'error rate < 1%', actual: 4.331, ok: false },
      { expression: 'rps > 1000', actual: 1875.4, ok: true },
      { expression: '[GET /cart 100%] p95 < 80ms', actual: null, ok: false },
    ],
    verdict: {
      status: 'fail',
      bottleneck: 'target',
      reasons: [
        'Threshold "p99 < 50ms" was not met: 144.3.',
        'Threshold "error rate < 1%" was not met: 4.331.',
      ],
    },
  });
}

/** A run whose generator could not keep its schedule. */
export function invalidRun(): RunSummary {
  const broken = brokenRun();
  return {
    ...broken,
    ended: 'interrupted',
    failures: [],
    checks: [],
    thresholds: [],
    generator: {
      ...broken.generator,
      eventLoopUtilization: null,
      starvedPercent: 31.2,
      latenessMs: { p50: 3.1, p99: 88 },
    },
    verdict: {
      status: 'invalid',
      bottleneck: 'generator',
      reasons: [
        'The generator was late: its own lateness p99 of 88.0 ms is more than a tenth of the latency p99, so the latencies measure the machine that sent the requests. Lower the rate or add workers (-w).',
      ],
    },
  };
}

/** Nothing answered: every request failed to connect. */
export function unreachableRun(): RunSummary {
  const none = distribution(0, 0);
  const ledger = { scheduled: 50, ok: 0, failed: 50, timedOut: 0, dropped: 0, inFlight: 0 };
  return healthyRun({
    ended: 'unreachable',
    durationMs: 1003,
    ledger,
    failures: [{ kind: 'connect', message: 'connection refused (127.0.0.1:3000)', count: 50 }],
    status: {},
    throughput: { requestsPerSecond: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 },
    latencyMs: distribution(50, 0.3),
    serviceTimeMs: distribution(50, 0.3),
    phasesMs: { connect: none, tls: none, firstByte: none },
    histogram: [{ fromMs: 0.1, toMs: 2.7, count: 50 }],
    series: [],
    thresholds: [{ expression: 'error rate < 1%', actual: 100, ok: false }],
    verdict: {
      status: 'invalid',
      bottleneck: 'none',
      reasons: ['The target could not be reached.'],
    },
  });
}

/** Four endpoints, one of them failing, with names too long for any page. */
export function mixedRun(): RunSummary {
  const healthy = healthyRun();
  const names = [
    'GET /',
    'GET /search?q={{term}}&page={{random:1:100}}&sort=price&direction=ascending&currency=EUR&locale=de-DE',
    'POST /cart/{{uuid}}/items',
    'GET /商品/一覧\u001b[31m',
  ];
  return healthyRun({
    plan: {
      ...healthy.plan,
      order: 'weighted',
      requests: names.map((name, index) => ({
        name,
        method: 'GET',
        url: 'http://127.0.0.1:3000/',
        weight: index + 1,
      })),
    },
    endpoints: names.map((name, index) => ({
      name,
      ledger: {
        scheduled: 40_000,
        ok: 40_000 - index * 3,
        failed: index,
        timedOut: index,
        dropped: index,
        inFlight: 0,
      },
      status: { '200': 40_000 },
      latencyMs: distribution(40_000, 2 + index),
    })),
  });
}

/** Interrupted before anything was sent. */
export function emptyRun(): RunSummary {
  const none = distribution(0, 0);
  const ledger = { scheduled: 0, ok: 0, failed: 0, timedOut: 0, dropped: 0, inFlight: 0 };
  return healthyRun({
    durationMs: 0,
    ended: 'interrupted',
    ledger,
    status: {},
    throughput: { requestsPerSecond: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 },
    latencyMs: none,
    serviceTimeMs: none,
    phasesMs: { connect: none, tls: none, firstByte: none },
    histogram: [],
    endpoints: [],
    series: [],
    thresholds: [{ expression: 'error rate < 1%', actual: null, ok: false }],
    verdict: { status: 'invalid', bottleneck: 'none', reasons: ['No request was sent.'] },
  });
}

/** A day at full speed: figures as long as they get. */
export function hugeRun(): RunSummary {
  const count = 15_552_000_000;
  return healthyRun({
    durationMs: 86_400_000,
    ledger: { scheduled: count, ok: count - 1, failed: 1, timedOut: 0, dropped: 0, inFlight: 0 },
    failures: [
      { kind: 'truncated', message: `body ended early ${'after a while '.repeat(20)}`, count: 1 },
    ],
    status: { '200': count - 1, '500': 1 },
    throughput: {
      requestsPerSecond: 180_000,
      receivedBytesPerSecond: 1.2e12,
      sentBytesPerSecond: 999_999,
    },
    latencyMs: { ...distribution(count, 2.64), max: 3_600_000 },
    serviceTimeMs: { ...distribution(count, 2.64), max: 3_600_000 },
    histogram: Array.from({ length: 40 }, (_, index) => ({
      fromMs: 1.5 ** index,
      toMs: 1.5 ** (index + 1),
      count: index === 20 ? 1 : 388_800_000,
    })),
  });
}
