import type { Plan } from '@needletail/load';
import type { Shell } from '../process/shell.ts';
import type { RunLoad, RunSettings } from './execute-run.ts';

/**
 * Runs a plan, or sends each of its requests once (`--smoke`); gives the exit code. The engine and what shows a run are
 * loaded here, so that a plan that is refused needs neither.
 */
export async function executePlan(
  plan: Plan,
  settings: RunSettings,
  shell: Shell,
  runLoad: RunLoad,
): Promise<number> {
  if (settings.smoke === true) {
    const { executeSmoke } = await import('./execute-smoke.ts');
    return executeSmoke(plan, settings, shell, runLoad);
  }
  const { executeRun } = await import('./execute-run.ts');
  return executeRun(plan, settings, shell, runLoad);
}
