import { describe, expect, it } from 'vitest';
import { resolvePlan } from './plan/resolve-plan.ts';
import { parseObjectives, resolveStress, resolveSweep, stressPlan, sweepPlan } from './search.ts';
import { startPacedTarget } from './search/paced-target.fixture.ts';

describe('stressPlan', () => {
  it('finds the cap of a real server, with few and short tests', { timeout: 30_000 }, async () => {
    const target = await startPacedTarget(300);
    try {
      const plan = await resolvePlan({ url: target.url });
      const objectives = parseObjectives(['p95 < 400ms']);
      const settings = resolveStress(
        {},
        {
          startRate: 150,
          maxRate: 500,
          precision: '10%',
          maxSteps: 5,
          stepDuration: '2s',
          recoveryLimit: 0,
        },
      );
      const summary = await stressPlan(plan, objectives, settings);
      expect(summary.ended).toBe('complete');
      // Five steps leave it rough, and a shared machine may stall for one of them.
      expect(summary.maxSustainable!).toBeGreaterThanOrEqual(150);
      expect(summary.maxSustainable!).toBeLessThan(300 * 1.12);
      expect(summary.levels.every(({ ledger }) => ledger.scheduled > 0)).toBe(true);
    } finally {
      await target.close();
    }
  });
});

describe('sweepPlan', () => {
  it('measures what a real server does with more users', { timeout: 20_000 }, async () => {
    const target = await startPacedTarget(300);
    try {
      const plan = await resolvePlan({ url: target.url });
      const settings = resolveSweep({ users: '1..8', stepDuration: '600ms' });
      const summary = await sweepPlan(plan, null, settings);
      expect(summary.points.map(({ amount }) => amount)).toEqual([1, 2, 4, 8]);
      for (const { throughput, littleUsers, amount } of summary.points) {
        expect(throughput).toBeLessThan(330);
        expect(littleUsers! / amount).toBeCloseTo(1, 0);
      }
    } finally {
      await target.close();
    }
  });
});
