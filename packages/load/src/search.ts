import { runLoad } from './run-load.ts';
import type { Plan } from './plan/plan.ts';
import { createPlanRunner, type RunPlan } from './search/plan-runner.ts';
import type { Objectives } from './search/objectives.ts';
import { stress, type StressSubject } from './search/stress.ts';
import type { StressSettings } from './search/stress-settings.ts';
import type { StressSummary } from './search/stress-summary.ts';
import { sweep } from './search/sweep.ts';
import type { SweepSettings } from './search/sweep-settings.ts';
import type { SweepSummary } from './search/sweep-summary.ts';
import type { SearchOptions } from './search/trial.ts';
import { toolVersion } from './plan/tool-version.ts';

export { DEFAULT_OBJECTIVES, parseObjectives } from './search/objectives.ts';
export type { Objectives } from './search/objectives.ts';
export type { StressData, StressScenario } from './search/stress-data.ts';
export { resolveStress, stressOf } from './search/stress-settings.ts';
export type { StressSettings } from './search/stress-settings.ts';
export { resolveSweep } from './search/sweep-settings.ts';
export type { SweepFlags, SweepSettings } from './search/sweep-settings.ts';
export type { SearchOptions, SearchProgress } from './search/trial.ts';
export type { LevelResult, LevelRole } from './search/level-result.ts';
export type { Level } from './search/level.ts';
export type { RunPlan } from './search/plan-runner.ts';
export type { Recovery } from './search/recovery.ts';
export type { StressSummary } from './search/stress-summary.ts';
export type { Estimate, ScalingSummary, SweepSummary } from './search/sweep-summary.ts';

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
