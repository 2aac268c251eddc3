import type { Plan } from '../plan/plan.ts';
import { toolVersion } from '../plan/tool-version.ts';
import { runLoad } from '../run-load.ts';
import type { Objectives } from './objectives.ts';
import { createPlanRunner, type RunPlan } from './plan-runner.ts';
import { stress, type StressSubject } from './stress.ts';
import type { StressSettings } from './stress-settings.ts';
import type { StressSummary } from './stress-summary.ts';
import { sweep } from './sweep.ts';
import type { SweepSettings } from './sweep-settings.ts';
import type { SweepSummary } from './sweep-summary.ts';
import type { SearchOptions } from './trial.ts';

/** Raises the load of a plan until an objective breaks; the plan's own load, thresholds and warm-up have no part in it. */
export function stressPlan(
  plan: Plan,
  objectives: Objectives,
  settings: StressSettings,
  options: SearchOptions = {},
  runPlan: RunPlan = runLoad,
): Promise<StressSummary> {
  const runner = createPlanRunner(plan, objectives.thresholds, runPlan);
  return stress(runner, objectives, settings, subjectOf(plan), options);
}

/** Runs a plan at each of several levels; without objectives nothing is judged. */
export function sweepPlan(
  plan: Plan,
  objectives: Objectives | null,
  settings: SweepSettings,
  options: SearchOptions = {},
  runPlan: RunPlan = runLoad,
): Promise<SweepSummary> {
  const runner = createPlanRunner(plan, objectives?.thresholds ?? [], runPlan);
  const { thinkMs, seed } = plan;
  return sweep(runner, objectives, settings, { ...subjectOf(plan), thinkMs, seed }, options);
}

function subjectOf({ target, name, script }: Plan): StressSubject {
  const { bun, node } = process.versions as { bun?: string; node: string };
  const runtime = bun === undefined ? `node ${node}` : `bun ${bun}`;
  return { tool: { version: toolVersion(), runtime }, target, name, isScript: script !== null };
}
