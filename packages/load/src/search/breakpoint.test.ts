import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBreakpoint, type BreakpointSettings } from './breakpoint.ts';
import { DEFAULT_OBJECTIVES, parseObjectives } from './objectives.ts';
import { simulate, type SimulatedTarget } from './simulated-target.fixture.ts';
import { Trial } from './trial.ts';

const settings: BreakpointSettings = {
  startRate: 50,
  maxRate: 1_000_000,
  precision: 0.02,
  confidence: 0.95,
  stepMs: 4000,
  maxSteps: 40,
};

async function search(target: SimulatedTarget, changes: Partial<BreakpointSettings> = {}) {
  const objectives = parseObjectives(DEFAULT_OBJECTIVES);
  const trial = new Trial(simulate(target, objectives.thresholds), objectives);
  const finding = await findBreakpoint(trial, { ...settings, ...changes });
  return { finding, results: trial.results };
}

describe('findBreakpoint', () => {
  it('finds a hard cap of the service rate within 3%, whatever the cap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 20, max: 50_000, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        async (capacity, seed) => {
          const { finding } = await search({ capacity, seed });
          expect(finding.stop).toBe('confident');
          expect(Math.abs(finding.sustained! / capacity - 1)).toBeLessThan(0.03);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([0, 0.01, 0.02])(
    'has the limit in its interval as often as it says, a cliff that moves by %f',
    async (cliffNoise) => {
      const rounds = 60;
      let inside = 0;
      let steps = 0;
      for (let seed = 1; seed <= rounds; seed += 1) {
        const cliffAt = 1000 * 1.37 ** (seed % 10);
        const target = { capacity: 1e6, cliffAt, cliffNoise, hiccups: 0.04, seed };
        const { finding, results } = await search(target);
        const { low, high } = finding.belief!;
        if (low <= cliffAt && cliffAt <= high) inside += 1;
        steps += results.length;
      }
      // 95% nominal; 90% is what chance leaves of it in 60 rounds more than 95 times in a hundred.
      expect(inside / rounds).toBeGreaterThanOrEqual(0.9);
      expect(steps / rounds).toBeLessThan(cliffNoise < 0.02 ? 20 : 30);
    },
    // Hundreds of searches: ten seconds of work where nothing else runs.
    120_000,
  );

  it('holds its answer in two tests, and breaks what is just above in two', async () => {
    const { finding, results } = await search({ capacity: 5000 });
    const held = results.filter(({ amount }) => amount === finding.sustained);
    expect(held.filter(({ verdict }) => verdict === 'held').length).toBeGreaterThanOrEqual(2);
    const above = results.filter(({ amount }) => amount === finding.broken!.amount);
    expect(above.filter(({ verdict }) => verdict === 'breached').length).toBeGreaterThanOrEqual(2);
    expect(finding.broken!.amount / finding.sustained!).toBeLessThan(1.06);
    expect(finding.broken!.broken[0]?.objective).toBe('delivered >= 99%');
    expect(results.length).toBeLessThanOrEqual(14);
  });

  it('takes more steps for more precision', async () => {
    const coarse = await search({ capacity: 3000 }, { precision: 0.1 });
    const fine = await search({ capacity: 3000 }, { precision: 0.005 });
    expect(coarse.results.length).toBeLessThan(fine.results.length);
    const { low, high, median } = fine.finding.belief!;
    expect((high - low) / median).toBeLessThanOrEqual(0.01);
  });

  it('comes down when the first rate is too much already', async () => {
    const { finding } = await search({ capacity: 40 }, { startRate: 1000 });
    expect(finding.sustained! / 40).toBeCloseTo(1, 1);
  });

  it('says that nothing was held when not even the lowest rate was', async () => {
    const { finding } = await search({ capacity: 1e6, cliffAt: 0.5 });
    expect(finding).toMatchObject({ stop: 'nothing-held', sustained: null });
  });

  it('stops at the highest rate allowed', async () => {
    const { finding, results } = await search({ capacity: 1e5 }, { maxRate: 2000 });
    expect(finding).toMatchObject({
      stop: 'max-rate',
      sustained: 2000,
      belief: null,
      broken: null,
    });
    expect(Math.max(...results.map(({ amount }) => amount))).toBe(2000);
  });

  it('says when the generator was the limit, and what was held below it', async () => {
    const { finding } = await search({ capacity: 1e6, generatorLimit: 9000 });
    expect(finding.stop).toBe('generator');
    expect(finding.sustained!).toBeGreaterThan(7000);
    expect(finding.sustained!).toBeLessThan(9000);
  });

  it('finds a limit below the ceiling of the generator', async () => {
    const { finding } = await search({ capacity: 5000, generatorLimit: 6500 }, { startRate: 100 });
    expect(finding.stop).toBe('confident');
    expect(Math.abs(finding.sustained! / 5000 - 1)).toBeLessThan(0.03);
  });

  it('does not take a bad moment of the machine for the limit of the generator', async () => {
    const { finding } = await search({ capacity: 5000, starvedRuns: [6, 7] });
    expect(finding.stop).toBe('confident');
    expect(Math.abs(finding.sustained! / 5000 - 1)).toBeLessThan(0.03);
  });

  it('gives what it has when it runs out of steps', async () => {
    const { finding, results } = await search({ capacity: 5000 }, { maxSteps: 6 });
    expect(finding.stop).toBe('max-steps');
    expect(results).toHaveLength(6);
    expect(finding.sustained!).toBeLessThan(5100);
  });
});
