import type { RunSummary } from '@needletail/load/summary';
import { distribution, healthyRun } from './run-summary.fixture.ts';

/** Two scenarios against a shop: failing checks, a script that throws, metrics of the target. */
export function scriptRun(): RunSummary {
  const healthy = healthyRun();
  const wave = (top: number) =>
    Array.from({ length: 30 }, (_, second) => ({
      t: second + 1,
      value: top * (0.3 + 0.7 * Math.sin((second / 30) * Math.PI)),
    }));
  const iterations = { scheduled: 12_040, ok: 11_810, failed: 192, dropped: 0, inFlight: 38 };
  const buy = { scheduled: 3010, ok: 2810, failed: 192, dropped: 0, inFlight: 8 };
  return healthyRun({
    plan: {
      ...healthy.plan,
      target: 'http://127.0.0.1:3000/',
      description:
        '2 scenarios: browse 30 users for 30s; buy 100 iterations/s for 30s, at most 200 users',
      model: 'open',
      requests: [],
      connections: 230,
      script: 'load/shop.ts',
    },
    durationMs: 30_120,
    endpoints: Array.from({ length: 18 }, (_, index) => ({
      ...healthy.endpoints[0],
      name: `GET /category/${index}`,
      ledger: {
        scheduled: 4000 - index * 10,
        ok: 3990 - index * 10,
        failed: index === 3 || index === 17 ? 10 : 0,
        timedOut: 0,
        dropped: 0,
        inFlight: index === 3 || index === 17 ? 0 : 10,
      },
    })),
    checks: [
      { name: 'cart created', passed: 3002, failed: 0 },
      { name: 'order has a number', passed: 2810, failed: 40 },
      { name: 'page lists products', passed: 9030, failed: 0 },
    ],
    iterations: {
      ...iterations,
      durationMs: distribution(12_002, 610),
      scenarios: [
        {
          name: 'browse',
          scheduled: 9030,
          ok: 9000,
          failed: 0,
          dropped: 0,
          inFlight: 30,
          durationMs: distribution(9000, 540),
        },
        { name: 'buy', ...buy, durationMs: distribution(3002, 910) },
      ],
    },
    counters: [
      { name: 'orders', total: 2810, perSecond: 93.3 },
      { name: 'revenue', total: 48_210.55, perSecond: 1600.6 },
    ],
    timings: [
      { name: 'checkout', timeMs: distribution(3002, 310) },
      { name: 'checkout / pay', timeMs: distribution(2850, 190) },
    ],
    scriptErrors: [
      {
        scenario: 'buy',
        message: "TypeError: Cannot read properties of undefined (reading 'number')",
        stack: ['at pay (load/shop.ts:41:27)', 'at user (load/shop.ts:30:11)'],
        count: 152,
        unhandled: false,
      },
      {
        scenario: 'buy',
        message: 'connect ECONNREFUSED 127.0.0.1:9999',
        stack: ['at report (load/reporting.ts:7:3)'],
        count: 3,
        unhandled: true,
      },
    ],
    thresholds: [
      { expression: 'check[order has a number] > 99%', actual: 98.6, ok: false },
      { expression: 'timing[checkout / pay] p95 < 300ms', actual: 342, ok: false },
      { expression: 'counter[orders] > 100', actual: 2810, ok: true },
      { expression: 'iterations > 1000', actual: 12_002, ok: true },
      { expression: 'error rate < 1%', actual: 0.055, ok: true },
      { expression: 'iteration error rate < 1%', actual: 1.6, ok: false },
    ],
    target: {
      series: [
        { name: 'CPU', unit: 'percent', source: 'pid 4711', points: wave(97) },
        { name: 'memory', unit: 'bytes', source: 'pid 4711', points: wave(182_000_000) },
        {
          name: 'http_request_queue_depth{route="/orders"}',
          unit: '',
          source: 'http://127.0.0.1:3000/metrics',
          points: wave(31),
        },
        {
          name: 'event loop delay p99',
          unit: 'milliseconds',
          source: 'inspector 127.0.0.1:9229',
          points: [],
        },
      ],
      problems: ['inspector 127.0.0.1:9229 closed the connection after 0 s.'],
    },
    verdict: {
      status: 'fail',
      bottleneck: 'target',
      reasons: [
        'Threshold "check[order has a number] > 99%" was not met: 98.6%.',
        'Scenario "buy" failed 152 times: TypeError: Cannot read properties of undefined (reading \'number\') (load/shop.ts:41:27).',
      ],
    },
  });
}
