import { Histogram } from '@needletail/stats';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../collect/run-summary.ts';
import type { Plan } from '../plan/plan.ts';
import { resolvePlan } from '../plan/resolve-plan.ts';
import { steadyLoad } from './level.ts';
import { createPlanRunner } from './plan-runner.ts';

const signal = new AbortController().signal;
const quiet = { warmupMs: 0, signal, onSnapshot: () => undefined };

function recording() {
  const plans: Plan[] = [];
  const runPlan = async (plan: Plan) => {
    plans.push(plan);
    const histogram = new Histogram();
    return { summary: {} as RunSummary, latency: histogram, serviceTime: histogram };
  };
  return { plans, runPlan };
}

describe('createPlanRunner', () => {
  it('puts the load of a level in the place of the plan’s own, and judges by the objectives', async () => {
    const plan = await resolvePlan({ url: 'http://a/' }, { requests: 9, users: 4, thinkMs: 5 });
    const { plans, runPlan } = recording();
    const runner = createPlanRunner(plan, ['p95 < 1s'], runPlan);
    await runner.run(steadyLoad({ kind: 'users', amount: 20 }, 3000), quiet);
    expect(plans[0]).toMatchObject({
      load: { kind: 'constant', users: 20, durationMs: 3000 },
      connections: 20,
      maxRequests: null,
      thinkMs: 5,
      thresholds: ['p95 < 1s'],
    });
  });

  it('keeps cap of connections and arrivals of a plan that had a rate', async () => {
    const flags = { rate: 100, poisson: true, connections: 70 };
    const plan = await resolvePlan({ url: 'http://a/' }, flags);
    const { plans, runPlan } = recording();
    const runner = createPlanRunner(plan, [], runPlan);
    await runner.run(steadyLoad({ kind: 'rate', amount: 900 }, 3000), { ...quiet, warmupMs: 7 });
    expect(plans[0]).toMatchObject({
      load: { kind: 'rate', rate: 900, arrivals: 'poisson' },
      connections: 70,
      warmupMs: 7,
    });
  });

  it('has no more workers than connections', async () => {
    const plan = await resolvePlan({ url: 'http://a/' }, { workers: 4 });
    const { plans, runPlan } = recording();
    const load = steadyLoad({ kind: 'users', amount: 2 }, 1000);
    await createPlanRunner(plan, [], runPlan).run(load, quiet);
    expect(plans[0]!.workers).toBe(2);
  });

  it('ends a pause when told to', async () => {
    const plan = await resolvePlan({ url: 'http://a/' });
    const runner = createPlanRunner(plan, [], recording().runPlan);
    const controller = new AbortController();
    const pause = runner.pause(600_000, controller.signal);
    controller.abort();
    await pause;
    await runner.pause(600_000, controller.signal);
  });
});
