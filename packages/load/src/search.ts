// What reads the settings of a search; what runs it is loaded when it is called, so that a refused flag does not pay for it.
import type { stressPlan as stress, sweepPlan as sweep } from './search/search-plan.ts';

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
export const stressPlan: typeof stress = async (...given) => {
  const loaded = await import('./search/search-plan.ts');
  return loaded.stressPlan(...given);
};

/** Runs a plan at each of several levels; without objectives nothing is judged. */
export const sweepPlan: typeof sweep = async (...given) => {
  const loaded = await import('./search/search-plan.ts');
  return loaded.sweepPlan(...given);
};
