import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import type { StreamPlan } from '../plan/script-plan.ts';
import type { RunSummary, ScriptError } from './run-summary.ts';
import { MOST_ENDPOINTS } from './script-names.ts';
import { scriptedPlan, scriptedRun, stream, type ScriptedThread } from './script-totals.fixture.ts';
import { summarize } from './summarize.ts';
import { MOST_WAITING } from './tally.ts';
import { ThresholdWatch } from './threshold-watch.ts';
import { parseThreshold } from './threshold.ts';
import { Timeline } from './timeline.ts';

interface Given {
  readonly scenarios?: readonly string[];
  readonly streams?: readonly StreamPlan[];
  readonly thresholds?: readonly string[];
  readonly errors?: readonly ScriptError[];
  readonly heapGrowthBytes?: number;
  readonly plan?: Plan;
}

/** The summary of ten seconds of scripts in two threads that did what `work` does. */
function summaryOf(
  work: (threads: readonly ScriptedThread[]) => void,
  { scenarios = ['user'], streams = [stream()], thresholds = [], ...given }: Given = {},
): RunSummary {
  const { threads, totals } = scriptedRun(2, scenarios);
  work(threads);
  const timeline = new Timeline(
    threads.map(({ tally }) => tally),
    totals,
  );
  timeline.refresh();
  const watch = new ThresholdWatch(thresholds.map(parseThreshold), [], totals);
  return summarize({
    plan: given.plan ?? scriptedPlan(scenarios, streams),
    toolVersion: '0.0.0',
    startedAt: new Date(0),
    ended: 'complete',
    unreachableCause: null,
    sendingMs: 10_000,
    lastEndMs: 10_000,
    total: timeline.total,
    workers: threads.map(({ tally }) => tally),
    failures: [],
    series: [],
    thresholds: watch.results(timeline.total, 10_000),
    judgesLatency: false,
    floor: { p50: 0, p99: 0 },
    control: [],
    pausedMs: 0,
    scripts: {
      totals,
      errors: given.errors ?? [],
      heapGrowthBytes: given.heapGrowthBytes ?? null,
    },
  });
}

describe('summarize with scripts', () => {
  it('has the iterations of each scenario and of all', () => {
    const { iterations } = summaryOf(
      ([one, other]) => {
        one.iterate(0, 'GET /', 10);
        other.iterate(1, 'GET /', 30, false);
        other.iterations.scheduled(1, 0);
        other.iterations.leftInFlight(1, 0);
      },
      { scenarios: ['browse', 'buy'] },
    );
    expect(iterations).toMatchObject({ scheduled: 3, ok: 1, failed: 1, dropped: 0, inFlight: 1 });
    expect(iterations!.durationMs).toMatchObject({ count: 2, min: 10, max: 30 });
    expect(iterations!.scenarios).toMatchObject([
      { name: 'browse', scheduled: 1, ok: 1, durationMs: { max: 10 } },
      { name: 'buy', scheduled: 2, failed: 1, inFlight: 1, durationMs: { max: 30 } },
    ]);
  });

  it('has checks, counters and timings in the order of their first use', () => {
    const summary = summaryOf(([one, other]) => {
      one.iterate(0, 'GET /', 10);
      one.scripts.checked(one.names.check('b'), true);
      other.scripts.checked(other.names.check('a'), false);
      other.scripts.checked(other.names.check('b'), true);
      one.scripts.counted(one.names.counter('orders'), 40);
      one.scripts.counted(one.names.counter('zero'), 0);
      one.names.counter('never');
      one.scripts.timed(one.names.timing('login'), 12);
      one.names.timing('never');
    });
    expect(summary.checks).toEqual([
      { name: 'b', passed: 2, failed: 0 },
      { name: 'a', passed: 0, failed: 1 },
    ]);
    expect(summary.counters).toEqual([
      { name: 'orders', total: 40, perSecond: 4 },
      { name: 'zero', total: 0, perSecond: 0 },
    ]);
    expect(summary.timings).toMatchObject([{ name: 'login', timeMs: { count: 1, max: 12 } }]);
  });

  it('has an endpoint for each name, and one for the rest with a remark', () => {
    const few = summaryOf(([one, other]) => {
      one.iterate(0, 'GET /', 10);
      other.iterate(0, 'GET /cart', 20);
    });
    expect(few.endpoints.map(({ name, ledger }) => [name, ledger.ok])).toEqual([
      ['GET /', 1],
      ['GET /cart', 1],
    ]);
    expect(few.verdict).toEqual({ status: 'pass', bottleneck: 'target', reasons: [] });
    const asMany = summaryOf(([one]) => {
      for (let id = 0; id < MOST_ENDPOINTS; id += 1) one.iterate(0, `GET /${id}`, 1);
    });
    expect(asMany.endpoints).toHaveLength(MOST_ENDPOINTS);
    expect(asMany.verdict.reasons).toEqual([]);
    const many = summaryOf(([one]) => {
      for (let id = 0; id < MOST_ENDPOINTS + 9; id += 1) one.iterate(0, `GET /${id}`, 1);
    });
    expect(many.endpoints.at(-1)).toMatchObject({ name: 'other endpoints', ledger: { ok: 9 } });
    expect(many.verdict.reasons.join()).toContain('"other endpoints"');
  });

  it('leaves out names that were used in the warm-up alone', () => {
    const { endpoints } = summaryOf(([one]) => {
      one.iterate(0, 'GET /warm-up', 10);
      one.recorder.restart(0);
      one.iterate(0, 'GET /', 10);
    });
    expect(endpoints.map(({ name }) => name)).toEqual(['GET /']);
  });

  it('fails a run with a promise that nobody awaited, whatever the thresholds say', () => {
    const error = { scenario: 'user', message: 'no', stack: [], count: 1, unhandled: true };
    const summary = summaryOf(([one]) => one.iterate(0, 'GET /', 10), { errors: [error] });
    expect(summary.scriptErrors).toEqual([error]);
    expect(summary.verdict.status).toBe('fail');
    expect(summary.verdict.reasons[0]).toContain('nobody awaited');
  });

  it('says what a threshold with an unknown name may have meant', () => {
    const { verdict } = summaryOf(
      ([one]) => {
        one.iterate(0, 'GET /', 10);
        one.scripts.checked(one.names.check('cart created'), true);
      },
      { thresholds: ['check[cart crated] > 99%'] },
    );
    expect(verdict.status).toBe('fail');
    expect(verdict.reasons).toEqual([
      'Threshold "check[cart crated] > 99%" had nothing to judge: no check was called "cart crated". ' +
        'Did you mean "cart created"?',
    ]);
  });

  it('is invalid when iterations of an open stream were begun late', () => {
    const load = { kind: 'rate', rate: 10, durationMs: 10_000, arrivals: 'even' } as const;
    const late = (latenessMs: number) =>
      summaryOf(
        ([one]) => {
          one.iterate(0, 'GET /', 20);
          one.iterations.late(0, latenessMs);
        },
        { streams: [stream({ load })] },
      );
    expect(late(1.5).verdict.status).toBe('pass');
    expect(late(3).verdict).toMatchObject({ status: 'invalid', bottleneck: 'generator' });
    expect(late(3).generator.latenessMs.p99).toBe(3);
  });

  it('finds the target the limit of users who wait for it, not of those who pause', () => {
    const paced = (thinkMs: number, pausedMs: number) =>
      summaryOf(
        ([one]) => {
          one.iterate(0, 'GET /', 100);
          one.iterations.scheduled(0, 0);
          one.iterations.ended(0, true, 0, pausedMs);
        },
        { streams: [stream({ thinkMs })] },
      ).verdict.bottleneck;
    expect(paced(0, 10)).toBe('target');
    expect(paced(0, 500)).toBe('none');
    expect(paced(50, 10)).toBe('none');
  });

  it('says that iterations waited for users', () => {
    const load = { kind: 'rate', rate: 10, durationMs: 10_000, arrivals: 'even' } as const;
    const { verdict } = summaryOf(
      ([one]) => {
        one.iterations.scheduled(0, 0);
        one.recorder.scheduled(one.names.endpoint('GET /'), 0);
        one.recorder.answered(0, 200, 0, 80, 90, 90);
        one.iterations.ended(0, true, 0, 90);
        one.iterations.tally.counters[MOST_WAITING] = 12;
      },
      { streams: [stream({ load })] },
    );
    expect(verdict.reasons).toEqual([
      expect.stringMatching(/^Iterations waited for a free user \(up to 12 at a time, 20 users/),
    ]);
  });

  it('is a measurement without a request when iterations do without', () => {
    const summary = summaryOf(
      ([one]) => {
        one.iterations.scheduled(0, 0);
        one.iterations.ended(0, true, 0, 90);
      },
      { thresholds: ['error rate < 1%', 'iteration error rate < 1%'] },
    );
    expect(summary.verdict).toMatchObject({ status: 'pass' });
    expect(summary.endpoints).toEqual([]);
  });

  it('holds connections that each iteration opens against the target only if users keep theirs', () => {
    const opening = (plan: Plan) =>
      summaryOf(
        ([one]) => {
          for (let count = 0; count < 200; count += 1) {
            one.iterate(0, 'GET /', 10);
            one.recorder.connected(1, 0);
          }
        },
        { plan },
      ).verdict.reasons.join();
    const plan = scriptedPlan(['user'], [stream()]);
    expect(opening(plan)).toContain('The target closed its connections');
    expect(opening({ ...plan, script: { ...plan.script!, session: 'iteration' } })).toBe('');
  });

  it('says that scripts leaked', () => {
    const summary = summaryOf(([one]) => one.iterate(0, 'GET /', 10), { heapGrowthBytes: 3e8 });
    expect(summary.verdict.reasons.join()).toContain('The scripts leaked');
  });
});
