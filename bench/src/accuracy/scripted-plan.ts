import { fileURLToPath } from 'node:url';
import type { Plan } from '@needletail/load';
import { loadScript } from '@needletail/load/script';

const SCENARIO = fileURLToPath(new URL('one-get.scenario.ts', import.meta.url));

/** The same load with a script for each user in place of a fixed request. */
export async function scriptedPlan(plan: Plan): Promise<Plan> {
  const { script } = await loadScript(SCENARIO);
  const { load, connections: maxUsers, maxIterations, thinkMs } = plan;
  const stream = { ...script!.streams[0]!, load, maxUsers, maxIterations, thinkMs };
  return {
    ...plan,
    requests: [],
    script: { ...script!, vars: { url: plan.target }, streams: [stream] },
  };
}
