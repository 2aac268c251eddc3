import type { Plan } from '../plan/plan.ts';

/** A plan of scripts cut down to one iteration of each scenario, one after the other's start, every exchange traced. */
export function oneOfEach(plan: Plan): Plan {
  const { script } = plan;
  if (script === null)
    throw new TypeError('This plan has no scenarios (plan.script). Use smokePlan.');
  const load = { kind: 'constant', users: 1, durationMs: null } as const;
  const streams = script.scenarios.map((_, index) => ({
    load,
    maxIterations: 1,
    maxUsers: 1,
    scenarios: [index],
    thinkMs: 0,
  }));
  return {
    ...plan,
    load,
    connections: streams.length,
    workers: 1,
    warmupMs: 0,
    thinkMs: 0,
    // What passes is said request by request; a rate or a percentile of one means nothing.
    thresholds: [],
    script: { ...script, streams, trace: true },
  };
}
