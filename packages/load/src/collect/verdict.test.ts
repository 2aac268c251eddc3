import { describe, expect, it } from 'vitest';
import type { Distribution, FailureCount, Ledger, TargetMetrics } from './run-summary.ts';
import { drawVerdict } from './verdict.ts';
import type { VerdictFacts } from './verdict.ts';

const LEDGER: Ledger = {
  scheduled: 1000,
  ok: 1000,
  failed: 0,
  timedOut: 0,
  dropped: 0,
  inFlight: 0,
};

function distribution(p99: number): Distribution {
  const zero = { min: 0, mean: 0, stddev: 0, max: p99, p50: 0, p75: 0, p90: 0, p95: 0 };
  return { count: 1000, ...zero, p99, p999: p99, p9999: p99 };
}

function facts(change: Partial<VerdictFacts> = {}): VerdictFacts {
  return {
    model: 'open',
    ended: 'complete',
    unreachableCause: null,
    ledger: LEDGER,
    latencyMs: distribution(5),
    scheduleLagMs: distribution(0.1),
    latenessP99Ms: 0.1,
    starvedPercent: 1,
    busyShare: 0.3,
    thinks: false,
    judgesLatency: false,
    thresholds: [],
    failures: [],
    outOfSockets: 0,
    connectionsOpened: 50,
    keepsAlive: true,
    mostWaiting: 0,
    maxConnections: 50,
    insecure: false,
    warmupMs: 0,
    controlled: null,
    target: null,
    targetCores: null,
    latencyP50Ms: [],
    scripts: null,
    ...change,
  };
}

describe('drawVerdict', () => {
  it('passes an unremarkable run without a word', () => {
    expect(drawVerdict(facts())).toEqual({ status: 'pass', bottleneck: 'none', reasons: [] });
  });

  it.each([
    ['open, 1 ms late against 5 ms', { latenessP99Ms: 1 }, 'pass'],
    ['open, just over 1 ms late against 5 ms', { latenessP99Ms: 1.01 }, 'invalid'],
    ['open, 4 ms late against 50 ms', { latenessP99Ms: 4, latencyMs: distribution(50) }, 'pass'],
    ['open, 6 ms late against 50 ms', { latenessP99Ms: 6, latencyMs: distribution(50) }, 'invalid'],
    ['open, starved for 10%', { starvedPercent: 10 }, 'pass'],
    ['open, starved for 11%', { starvedPercent: 11 }, 'invalid'],
    ['closed, starved, no latency judged', { model: 'closed', starvedPercent: 50 }, 'pass'],
    [
      'closed, starved, latency judged',
      { model: 'closed', starvedPercent: 50, judgesLatency: true },
      'invalid',
    ],
    [
      'closed, flat out, latency judged',
      { model: 'closed', busyShare: 1, judgesLatency: true },
      'pass',
    ],
    ['starvation unknown', { starvedPercent: null }, 'pass'],
  ] as const)('judges the generator: %s', (_name, change, status) => {
    const verdict = drawVerdict(facts(change));
    expect(verdict.status).toBe(status);
    if (status === 'invalid') {
      expect(verdict.bottleneck).toBe('generator');
      expect(verdict.reasons.join()).toContain('The generator was the limit');
    }
  });

  it('says that a closed loop that ran flat out gives a lower bound', () => {
    const verdict = drawVerdict(facts({ model: 'closed', busyShare: 0.97 }));
    expect(verdict).toMatchObject({ status: 'pass', bottleneck: 'generator' });
    expect(verdict.reasons.join()).toContain('lower bound');
  });

  it('says that a closed loop that was starved measured the machine, not the target', () => {
    const verdict = drawVerdict(facts({ model: 'closed', starvedPercent: 40, busyShare: 1 }));
    expect(verdict).toMatchObject({ status: 'pass', bottleneck: 'generator' });
    expect(verdict.reasons.join()).toContain('waited for a processor for 40% of the run');
  });

  it('finds the target when requests wait for connections through no fault of ours', () => {
    const verdict = drawVerdict(
      facts({ scheduleLagMs: distribution(40), latencyMs: distribution(60), mostWaiting: 12 }),
    );
    expect(verdict).toMatchObject({ status: 'pass', bottleneck: 'target' });
    expect(verdict.reasons.join()).toContain('up to 12 at a time');
  });

  it('fails on a threshold, and an invalid measurement beats a failed one', () => {
    const thresholds = [{ expression: 'p99 < 1ms', actual: 5, ok: false }];
    expect(drawVerdict(facts({ thresholds })).status).toBe('fail');
    expect(drawVerdict(facts({ thresholds, starvedPercent: 60 })).status).toBe('invalid');
  });

  it('says how far a threshold was missed, in its unit', () => {
    const missed = (expression: string): string =>
      drawVerdict(facts({ thresholds: [{ expression, actual: 12.3456, ok: false }] })).reasons[0];
    expect(missed('p99 < 1ms')).toBe('Threshold "p99 < 1ms" was not met: 12.35 ms.');
    expect(missed('error rate < 1%')).toBe('Threshold "error rate < 1%" was not met: 12.35%.');
    expect(missed('rps > 50')).toBe('Threshold "rps > 50" was not met: 12.35 per second.');
    expect(missed('errors < 2')).toBe('Threshold "errors < 2" was not met: 12.35.');
  });

  it('names the most frequent failure when a run fails by its errors, and only then', () => {
    const failures = [
      { kind: 'timeout', message: 'no complete answer within 10 ms', count: 1200 },
      { kind: 'connect', message: 'Cannot connect: because. Do this.', count: 1 },
    ] as const;
    const reasonsFor = (expression: string, some = failures as readonly FailureCount[]): string =>
      drawVerdict(
        facts({ failures: some, thresholds: [{ expression, actual: 12, ok: false }] }),
      ).reasons.join('\n');
    expect(reasonsFor('error rate < 1%')).toMatch(
      /Most frequent failure, 1,200 times: no complete answer within 10 ms\. .*--timeout/,
    );
    expect(reasonsFor('errors < 3', failures.slice(1))).toMatch(
      /failure, once: Cannot connect: because\. Do this\.$/,
    );
    expect(reasonsFor('p99 < 1ms')).not.toContain('Most frequent');
  });

  it('is invalid when this side had no sockets left, in either model', () => {
    for (const model of ['open', 'closed'] as const) {
      const verdict = drawVerdict(facts({ model, outOfSockets: 3 }));
      expect(verdict).toMatchObject({ status: 'invalid', bottleneck: 'generator' });
      expect(verdict.reasons).toEqual([expect.stringMatching(/limit: 3 times .*ulimit -n/)]);
    }
  });

  it('says that the target does not keep connections, unless that was asked for', () => {
    const closing = { connectionsOpened: 1000, maxConnections: 50 };
    expect(drawVerdict(facts(closing)).reasons).toEqual([
      'The target closed its connections: 1,000 were opened, and latency includes opening them.',
    ]);
    expect(drawVerdict(facts({ ...closing, keepsAlive: false })).reasons).toEqual([]);
    expect(drawVerdict(facts({ ...closing, connectionsOpened: 100 })).reasons).toEqual([]);
  });

  it('declares a ledger that does not add up a bug', () => {
    const verdict = drawVerdict(facts({ ledger: { ...LEDGER, ok: 999 } }));
    expect(verdict.status).toBe('invalid');
    expect(verdict.reasons[0]).toContain('does not add up by 1');
  });

  it('is invalid when nothing could be reached or nothing was sent', () => {
    const cause = 'Connection refused (127.0.0.1:1).';
    const unreachable = drawVerdict(facts({ ended: 'unreachable', unreachableCause: cause }));
    expect(unreachable).toMatchObject({ status: 'invalid', bottleneck: 'network' });
    expect(unreachable.reasons).toEqual([`Nothing could be reached: ${cause}`]);
    const silent = drawVerdict(facts({ ended: 'unreachable', warmupMs: 100 }));
    expect(silent.reasons).toEqual([expect.stringMatching(/no connection was opened.*\. .*\.$/)]);
    const empty = { scheduled: 0, ok: 0, failed: 0, timedOut: 0, dropped: 0, inFlight: 0 };
    expect(drawVerdict(facts({ ledger: empty })).status).toBe('invalid');
  });
});

describe('drawVerdict with figures of the target', () => {
  const busy: TargetMetrics = {
    series: [{ name: 'CPU', unit: 'percent', source: 'pid 7', points: [{ t: 1, value: 99 }] }],
    problems: [],
  };

  it('says that the target was out of processor, with the figure', () => {
    const { bottleneck, reasons } = drawVerdict(facts({ model: 'closed', target: busy }));
    expect(bottleneck).toBe('target');
    expect(reasons).toEqual([expect.stringContaining('used 99% of one core')]);
  });

  it('blames the generator first', () => {
    const { bottleneck, reasons } = drawVerdict(
      facts({ model: 'closed', busyShare: 0.99, target: busy }),
    );
    expect(bottleneck).toBe('generator');
    expect(reasons).toEqual([expect.stringContaining('The generator ran flat out')]);
  });
});
