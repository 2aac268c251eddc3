import type { LevelResult, StressSummary, SweepSummary } from '@needletail/load/summary';

const held: LevelResult = {
  kind: 'rate',
  amount: 400,
  role: 'step',
  startedMs: 0.5,
  durationMs: 4000,
  achievedPerSecond: 400,
  deliveredPercent: 100,
  ledger: { scheduled: 1600, ok: 1600, failed: 0, timedOut: 0, dropped: 0, inFlight: 0 },
  latencyMs: { mean: 1.4, p50: 1.2, p95: 3.5, p99: 5.4, max: 9.1 },
  errorPercent: 0,
  timeoutPercent: 0,
  verdict: 'held',
  broken: [],
  note: null,
};

const breached: LevelResult = {
  ...held,
  amount: 813,
  role: 'retest',
  startedMs: 4600,
  deliveredPercent: 98.4,
  verdict: 'breached',
  broken: [{ objective: 'delivered >= 99%', actual: 98.4 }],
};

/** A breakpoint that was found. */
export function sampleStress(): StressSummary {
  return {
    schema: 'needletail.stress/1',
    tool: { version: '0.1.0', runtime: 'node 20.20.2' },
    target: 'http://127.0.0.1:3000/',
    name: null,
    unit: 'requests/s',
    settings: {
      scenario: 'breakpoint',
      startRate: 50,
      maxRate: 1_000_000,
      precision: 0.02,
      confidence: 0.95,
      stepMs: 4000,
      maxSteps: 40,
      initialUsers: 5,
      stepUsers: 5,
      stepIntervalMs: 30_000,
      maxUsers: 200,
      spikeUsers: null,
      spikeHoldMs: 30_000,
      soakUsers: null,
      soakDurationMs: 60_000,
      recoveryLimitMs: 60_000,
      require: null,
    },
    objectives: ['p95 < 500ms', 'error rate < 1%'],
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 57_000,
    ended: 'complete',
    maxSustainable: 787,
    interval: { low: 783, high: 814, confidence: 0.95 },
    breakingPoint: { amount: 813, objective: 'delivered >= 99%', actual: 98.4 },
    firstErrorAt: null,
    nonLinearLatencyAt: 813,
    recovery: {
      from: 813,
      to: 576,
      seconds: 1,
      limitSeconds: 60,
      series: [{ t: 1, p95Ms: 40, errorPercent: 0, good: false }],
    },
    steps: 2,
    levels: [held, breached],
    verdict: { status: 'pass', reasons: ['The limit is known.'] },
  };
}

/** A sweep over three levels of users. */
export function sampleSweep(): SweepSummary {
  const { tool, target, name, startedAt } = sampleStress();
  const level: LevelResult = { ...held, kind: 'users', amount: 1, deliveredPercent: null };
  return {
    schema: 'needletail.sweep/1',
    tool,
    target,
    name,
    unit: 'users',
    settings: {
      kind: 'users',
      amounts: [1, 2],
      stepMs: 3000,
      repeats: 1,
      shuffle: false,
      confidence: 0.95,
    },
    objectives: [],
    startedAt,
    durationMs: 7000,
    ended: 'complete',
    levels: [level, { ...level, amount: 2, achievedPerSecond: 780 }],
    points: [
      {
        amount: 1,
        throughput: 400,
        latencyMs: 1.4,
        repeats: 1,
        noise: null,
        littleUsers: 0.99,
        generatorLimited: false,
      },
      {
        amount: 2,
        throughput: 780,
        latencyMs: 2.5,
        repeats: 1,
        noise: null,
        littleUsers: 1.95,
        generatorLimited: true,
      },
    ],
    knee: 1,
    optimal: 2,
    highestHeld: null,
    scaling: {
      lambda: { value: 731, low: 711, high: 768 },
      sigma: { value: 0.1, low: 0.05, high: 0.2 },
      kappa: { value: 0.0004, low: 0, high: 0.001 },
      rSquared: 0.99,
      peakUsers: { value: 15.4, low: 9.5, high: null },
      peakThroughput: { value: 806, low: 792, high: 825 },
      confidence: 0.95,
    },
    verdict: { status: 'pass', reasons: [] },
  };
}
