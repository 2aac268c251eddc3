import { describe, expect, it } from 'vitest';
import { DEFAULT_OBJECTIVES, parseObjectives } from './objectives.ts';
import { simulate, type SimulatedTarget } from './simulated-target.fixture.ts';
import type { StressData } from './stress-data.ts';
import { resolveStress } from './stress-settings.ts';
import { stress } from './stress.ts';
import type { SearchOptions } from './trial.ts';

const subject = {
  tool: { version: '0', runtime: 'test' },
  target: 'http://simulated/',
  name: null,
  isScript: false,
};

function run(target: SimulatedTarget, data: StressData, options: SearchOptions = {}) {
  const objectives = parseObjectives(DEFAULT_OBJECTIVES);
  const runner = simulate(target, objectives.thresholds);
  return stress(runner, objectives, resolveStress({}, data), subject, options);
}

const linear: StressData = { scenario: 'linear-overload', stepUsers: 10, maxUsers: 100 };

describe('stress linear-overload', () => {
  it('finds the users that break an objective, confirmed, and those sustained before', async () => {
    const summary = await run({ capacity: 1e6, cliffAt: 42 }, linear);
    expect(summary).toMatchObject({
      unit: 'users',
      maxSustainable: 35,
      breakingPoint: { amount: 45, objective: 'error rate < 1%' },
      firstErrorAt: 45,
      verdict: { status: 'pass' },
    });
    expect(summary.levels.map(({ amount, role }) => [amount, role])).toEqual([
      [5, 'step'],
      [15, 'step'],
      [25, 'step'],
      [35, 'step'],
      [45, 'step'],
      [45, 'retest'],
    ]);
    expect(summary.breakingPoint!.actual).toBeCloseTo(20, 0);
  });

  it('does not believe a single noisy level', async () => {
    const levels = { ...linear, stepInterval: '5s', maxUsers: 95 };
    const summary = await run({ capacity: 1e6, pausedRun: 3 }, levels);
    expect(summary.levels[3]).toMatchObject({ amount: 35, verdict: 'breached' });
    expect(summary.levels[4]).toMatchObject({ amount: 35, role: 'retest', verdict: 'held' });
    expect(summary).toMatchObject({ maxSustainable: 95, breakingPoint: null });
    expect(summary.verdict.reasons[0]).toMatch(/the limit lies above/);
  });

  it('measures how long the target takes to recover', async () => {
    const target = { capacity: 1e6, cliffAt: 42, recoveryLagMs: 7000 };
    const summary = await run(target, linear);
    expect(summary.recovery).toMatchObject({ from: 45, to: 35 });
    expect(summary.recovery!.seconds).toBeGreaterThanOrEqual(6);
    expect(summary.recovery!.seconds).toBeLessThanOrEqual(8);
    const quick = await run({ ...target, recoveryLagMs: 0 }, linear);
    expect(quick.recovery!.seconds).toBe(0);
  });

  it('says when the target did not recover within the limit', async () => {
    const target = { capacity: 1e6, cliffAt: 42, recoveryLagMs: 30_000 };
    const summary = await run(target, { ...linear, recoveryLimit: '10s' });
    expect(summary.recovery!.seconds).toBeNull();
    expect(summary.verdict.reasons).toContainEqual(expect.stringMatching(/not recovered 10 s/));
  });

  it('sustains nothing when the first level breaks', async () => {
    const summary = await run({ capacity: 1e6, cliffAt: 3 }, linear);
    expect(summary).toMatchObject({ maxSustainable: null, breakingPoint: { amount: 5 } });
  });

  it('fails when less is held than required', async () => {
    const target = { capacity: 1e6, cliffAt: 42 };
    const short = await run(target, { ...linear, require: 40 });
    expect(short.verdict.status).toBe('fail');
    expect(short.verdict.reasons).toContain('Required were 40; 35 were held.');
    expect((await run(target, { ...linear, require: 35 })).verdict.status).toBe('pass');
  });
});

describe('stress spike-stress', () => {
  const data: StressData = { scenario: 'spike-stress', spikeUsers: 80, initialUsers: 10 };

  it('knows what is good before the spike, and how long after it', async () => {
    const target = { capacity: 1e6, cliffAt: 50, recoveryLagMs: 4000 };
    const summary = await run(target, data);
    expect(summary.levels.map(({ role }) => role)).toEqual(['baseline', 'spike', 'retest']);
    expect(summary).toMatchObject({ maxSustainable: 10, breakingPoint: { amount: 80 } });
    expect(summary.recovery).toMatchObject({ from: 80, to: 10 });
    expect(Math.abs(summary.recovery!.seconds! - 4)).toBeLessThanOrEqual(1);
  });

  it('sustains a spike that is held', async () => {
    const summary = await run({ capacity: 1e6 }, data);
    expect(summary).toMatchObject({ maxSustainable: 80, breakingPoint: null, recovery: null });
  });
});

describe('stress soak-stress', () => {
  const data: StressData = { scenario: 'soak-stress', soakUsers: 50, stepUsers: 20, maxUsers: 150 };

  it('does not forget the soak when the climb breaks', async () => {
    const summary = await run({ capacity: 1e6, cliffAt: 60 }, data);
    expect(summary.levels[0]).toMatchObject({ role: 'soak', amount: 50, durationMs: 60_000 });
    expect(summary).toMatchObject({ maxSustainable: 50, breakingPoint: { amount: 65 } });
  });

  it('ends with the soak when that is not held', async () => {
    const summary = await run({ capacity: 1e6, cliffAt: 50 }, data);
    expect(summary).toMatchObject({ maxSustainable: null, breakingPoint: { amount: 50 } });
    expect(summary.levels.map(({ role }) => role)).toEqual(['soak', 'retest']);
  });
});

describe('stress breakpoint', () => {
  it('reports rate, interval, breaking point, signs and recovery', async () => {
    const summary = await run({ capacity: 5000, recoveryLagMs: 3000 }, { recoveryLimit: '30s' });
    expect(summary).toMatchObject({ unit: 'requests/s', interval: { confidence: 0.95 } });
    expect(Math.abs(summary.maxSustainable! / 5000 - 1)).toBeLessThan(0.03);
    expect(summary.interval!.low).toBeLessThan(summary.interval!.high);
    expect(summary.steps).toBe(summary.levels.length);
    expect(summary.recovery!.to / summary.maxSustainable!).toBeCloseTo(0.8, 2);
    expect(summary.recovery!.seconds).not.toBeNull();
    expect(summary.verdict.reasons[0]).toMatch(/within 2% either way with 95% confidence/);
  });

  it('is invalid when the generator was the limit', async () => {
    const summary = await run({ capacity: 1e6, generatorLimit: 900 }, {});
    expect(summary.verdict.status).toBe('invalid');
    expect(summary.verdict.reasons[0]).toMatch(/generator was the limit at .* sustains at least/);
  });

  it('fails when not even the lowest level is held', async () => {
    const summary = await run({ capacity: 2 }, { startRate: 50, recoveryLimit: '0' });
    expect(summary.maxSustainable).toBeNull();
    expect(summary.verdict.status).toBe('fail');
  });

  it('passes when what was required is held, whatever limited the rest', async () => {
    const target = { capacity: 1e6, generatorLimit: 900 };
    expect((await run(target, { require: '400/s' })).verdict.status).toBe('pass');
  });

  it('warms up before the first level only', async () => {
    const warm = await run({ capacity: 500 }, {}, { warmupMs: 7000 });
    const cold = await run({ capacity: 500 }, {});
    expect(warm.durationMs - cold.durationMs).toBeCloseTo(7000, 6);
  });

  it('keeps what it found when it is interrupted', async () => {
    const controller = new AbortController();
    const summary = await run(
      { capacity: 5000 },
      {},
      {
        signal: controller.signal,
        progress: { onLevel: ({ amount }) => amount === 800 && controller.abort() },
      },
    );
    expect(summary).toMatchObject({ ended: 'interrupted', maxSustainable: 800, recovery: null });
    expect(summary.levels).toHaveLength(3);
  });

  it('is invalid when nothing can be reached', async () => {
    const summary = await run({ capacity: 1, unreachable: true }, {});
    expect(summary).toMatchObject({
      ended: 'unreachable',
      steps: 0,
      verdict: { status: 'invalid' },
    });
    expect(summary.verdict.reasons[0]).toMatch(/connection refused/);
  });
});

describe('resolveStress', () => {
  it.each([
    [{ scenario: 'breakpiont' }, /Did you mean|Give one of/],
    [{ scenario: 'spike-stress' }, /needs its users/],
    [{ scenario: 'soak-stress' }, /needs its users/],
    [{ spikeUsers: 3 }, /belongs to spike-stress/],
    [{ stepUsers: 3 }, /scenario of users/],
    [{ precision: '0' }, /no share/],
    [{ confidence: '100%' }, /no share/],
    [{ startRate: 100, maxRate: 50 }, /less than/],
    [{ stepDuration: '1s' }, /from 2s/],
  ] as [StressData, RegExp][])('refuses %j', (data, message) => {
    expect(() => resolveStress({}, data)).toThrow(message);
  });

  it('lets flags lie over the plan', () => {
    const settings = resolveStress({ startRate: '1k', precision: '5%' }, { startRate: '2k' });
    expect(settings).toMatchObject({ startRate: 2000, precision: 0.05, scenario: 'breakpoint' });
  });
});
