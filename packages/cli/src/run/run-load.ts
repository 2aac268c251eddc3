import { runLoad as runPlan, type Plan, type RunOptions, type RunResult } from '@needletail/load';
import type { DataDefinition, LoadDefinition, Vars } from '@needletail/load/scenario';
import type { DefinitionRunOptions } from '@needletail/load/definition';

/**
 * Runs a plan in worker threads, or a definition within this thread, where its functions and its application are, and
 * gives the summary and two histograms. A target that fails or cannot be reached is a result; it rejects with a PlanError
 * for what cannot be run, and when the generator itself breaks.
 */
export function runLoad(plan: Plan, options?: RunOptions): Promise<RunResult>;
export function runLoad<
  const Data extends DataDefinition = string,
  Variables extends Vars = Vars,
  Shared = undefined,
>(
  definition: LoadDefinition<Data, Variables, Shared>,
  options?: DefinitionRunOptions,
): Promise<RunResult>;
export async function runLoad(
  subject: Plan | LoadDefinition,
  options: DefinitionRunOptions = {},
): Promise<RunResult> {
  if (isPlan(subject)) return runPlan(subject, options);
  // Loaded on demand: a plan needs nothing of what checks and runs code.
  const { runDefinition } = await import('@needletail/load/definition');
  return runDefinition(subject, options);
}

/** Only a plan has settings of TLS under one key. */
function isPlan(subject: Plan | LoadDefinition): subject is Plan {
  return typeof subject === 'object' && subject !== null && 'tls' in subject;
}
