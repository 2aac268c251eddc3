import { describe, expect, it } from 'vitest';
import { parseObjectives } from './objectives.ts';
import { simulate, type SimulatedTarget } from './simulated-target.fixture.ts';
import { resolveSweep, type SweepFlags } from './sweep-settings.ts';
import { sweep } from './sweep.ts';
import type { SearchOptions } from './trial.ts';

const subject = {
  tool: { version: '0', runtime: 'test' },
  target: 'http://simulated/',
  name: null,
  isScript: false,
  thinkMs: 0,
  seed: 1,
};

function run(
  target: SimulatedTarget,
  flags: SweepFlags,
  thresholds: readonly string[] = [],
  options: SearchOptions = {},
) {
  const objectives = thresholds.length === 0 ? null : parseObjectives(thresholds);
  const runner = simulate(target, objectives?.thresholds ?? []);
  return sweep(runner, objectives, resolveSweep(flags), subject, options);
}

/** Served per second by the number of users: 200 each at first, then contention and agreement. */
const law = (users: number): number =>
  (200 * users) / (1 + 0.05 * (users - 1) + 0.001 * users * (users - 1));

describe('sweep', () => {
  it('fits the law, foretells the peak, and finds the knee', async () => {
    const summary = await run({ capacity: law }, { users: '1..256', stepDuration: '20s' });
    const { scaling } = summary;
    expect(scaling!.sigma.value).toBeCloseTo(0.05, 1);
    expect(scaling!.kappa.value! / 0.001).toBeCloseTo(1, 0);
    expect(scaling!.rSquared).toBeGreaterThan(0.98);
    expect(Math.abs(scaling!.peakUsers.value! / Math.sqrt(0.95 / 0.001) - 1)).toBeLessThan(0.1);
    expect(scaling!.peakThroughput.low!).toBeLessThan(scaling!.peakThroughput.high!);
    expect(summary.points.map(({ amount }) => amount)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
    expect(summary.optimal).toBe(32);
    expect(summary.knee!).toBeLessThan(summary.optimal!);
    expect(summary.verdict).toMatchObject({ status: 'pass', reasons: [] });
  });

  it('finds the knee of servers that just queue at their number', async () => {
    const summary = await run({ capacity: 1600, baseLatencyMs: 10 }, { users: '1..128' });
    expect(summary.knee).toBe(16);
  });

  it('says when the peak lies beyond what was measured', async () => {
    const summary = await run({ capacity: law }, { users: '1..16' });
    expect(summary.verdict.reasons.join(' ')).toMatch(/beyond the levels|no peak/);
  });

  it('repeats levels to know their noise, in random order when asked to', async () => {
    const flags = { users: '1,2,4,8,16', repeats: '3', shuffle: true, stepDuration: '1s' };
    const summary = await run({ capacity: law, hiccups: 0.5 }, flags);
    expect(summary.levels).toHaveLength(15);
    expect(summary.levels.slice(0, 5).map(({ amount }) => amount)).not.toEqual([1, 2, 4, 8, 16]);
    expect(summary.points.every(({ repeats }) => repeats === 3)).toBe(true);
    expect(summary.points.some(({ noise }) => noise! > 0.1)).toBe(true);
  });

  it('leaves levels out of the law at which the generator was the limit, and is invalid with no other', async () => {
    const some = await run({ capacity: law, generatorLimit: 1000 }, { users: '1..32' });
    expect(some.verdict.reasons.join(' ')).toMatch(/generator was the limit at 8, 16, 32/);
    expect(some.scaling).not.toBeNull();
    const all = await run({ capacity: law, generatorLimit: 1 }, { users: '1..32' });
    expect(all).toMatchObject({ scaling: null, verdict: { status: 'invalid' } });
  });

  it('sweeps rates, without a law of users', async () => {
    const summary = await run({ capacity: 1000 }, { rates: '100,400,800,1600' });
    expect(summary).toMatchObject({ unit: 'requests/s', scaling: null });
    expect(summary.levels.map(({ amount }) => amount)).toEqual([100, 400, 800, 1600]);
    expect(summary.points[3]!.throughput).toBeLessThan(1100);
  });

  it('says up to which level objectives hold, and fails when they do at none', async () => {
    const flags = { rates: '100,400,800,1600' };
    const some = await run({ capacity: 1000 }, flags, ['p95 < 100ms']);
    expect(some).toMatchObject({ highestHeld: 800, verdict: { status: 'pass' } });
    const none = await run({ capacity: 1000 }, flags, ['p95 < 1ms']);
    expect(none).toMatchObject({ highestHeld: null, verdict: { status: 'fail' } });
  });

  it('keeps what it has when it is interrupted', async () => {
    const controller = new AbortController();
    const progress = {
      onLevel: ({ amount }: { amount: number }) => amount === 4 && controller.abort(),
    };
    const summary = await run({ capacity: law }, {}, [], { signal: controller.signal, progress });
    expect(summary).toMatchObject({ ended: 'interrupted' });
    expect(summary.points).toHaveLength(3);
  });
});

describe('resolveSweep', () => {
  it.each([
    ['1..512', [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]],
    ['3..20', [3, 6, 12, 20]],
    ['50,10,10', [10, 50]],
  ])('reads --users %s', (users, amounts) => {
    expect(resolveSweep({ users }).amounts).toEqual(amounts);
  });

  it.each([
    [{ users: '8..2' }, /less than/],
    [{ users: '0' }, /whole number/],
    [{ users: '1,x' }, /not a number/],
    [{ users: '1', rates: '1' }, /both/],
    [{ repeats: '0' }, /whole number/],
    [{ confidence: 'much' }, /no share/],
  ] as [SweepFlags, RegExp][])('refuses %j', (flags, message) => {
    expect(() => resolveSweep(flags)).toThrow(message);
  });
});
