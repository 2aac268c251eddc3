import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import type { Plan } from '@needletail/load';
import { resolvePlan } from '@needletail/load/plan';
import { UsageError } from '../errors.ts';
import type { LoadFlagValues } from '../flags/load-flags.ts';
import { toPlanFlags } from '../flags/to-plan-flags.ts';
import { describeFileTrouble } from '../process/file-trouble.ts';
import type { Shell } from '../process/shell.ts';
import { executePlan } from '../run/execute-plan.ts';
import type { RunLoad } from '../run/execute-run.ts';
import { isScenario, loadScenario } from '../run/load-scenario.ts';
import { toRunSettings } from '../run/run-settings.ts';

const planExtensions = ['.yaml', '.yml', '.json'];

export type RunPlanFlagValues = LoadFlagValues & { readonly typecheck: boolean };

/** `needletail run <file>`: a scenario in code, or a plan in YAML or JSON, its settings overridden by the flags. */
export async function runPlan(
  file: string,
  values: RunPlanFlagValues,
  command: readonly string[],
  shell: Shell,
  runLoad: RunLoad,
): Promise<number> {
  const settings = await toRunSettings(values, command);
  const plan = await openPlan(file, values, shell);
  return executePlan(plan, settings, shell, runLoad);
}

async function openPlan(file: string, values: RunPlanFlagValues, shell: Shell): Promise<Plan> {
  const flags = toPlanFlags(values);
  if (isScenario(file) && !isAddress(file)) {
    return loadScenario(file, flags, values.typecheck, shell);
  }
  const text = await readPlan(file, shell.cwd);
  // The parser of YAML is loaded only for those who have some.
  const { parsePlanFile } = await import('@needletail/load/plan-file');
  return resolvePlan(parsePlanFile(text, file), flags, { cwd: shell.cwd, readFile });
}

function isAddress(file: string): boolean {
  return /^https?:\/\//i.test(file);
}

async function readPlan(file: string, cwd: string): Promise<string> {
  if (isAddress(file)) {
    throw new UsageError(
      'PLAN_IS_ADDRESS',
      `Not a plan: run takes a file (${file}). To load an address, write needletail ${file}.`,
    );
  }
  if (!planExtensions.includes(extname(file).toLowerCase())) {
    throw new UsageError(
      'PLAN_KIND',
      `Not a plan: unknown kind of file (${file}). A plan is YAML or JSON: name it .yaml, .yml or .json; a scenario is .ts or .js.`,
    );
  }
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    const trouble = error as NodeJS.ErrnoException;
    const reason = trouble.code === 'ENOENT' ? 'no such file' : describeFileTrouble(trouble);
    throw new UsageError(
      'PLAN_NOT_READ',
      `Cannot read the plan: ${reason} (${file}). Check the path.`,
      { cause: error },
    );
  }
}
