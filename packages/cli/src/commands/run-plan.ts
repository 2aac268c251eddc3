import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { resolvePlan } from '@needletail/load';
import { parsePlanFile } from '@needletail/load/plan-file';
import { UsageError } from '../errors.ts';
import type { LoadFlagValues } from '../flags/load-flags.ts';
import { toPlanFlags } from '../flags/to-plan-flags.ts';
import { describeFileTrouble } from '../process/file-trouble.ts';
import type { Shell } from '../process/shell.ts';
import { executeRun, type RunLoad } from '../run/execute-run.ts';
import { toRunSettings } from '../run/run-settings.ts';

const planExtensions = ['.yaml', '.yml', '.json'];

/** `needletail run <file>`: a plan in YAML or JSON, its settings overridden by the flags. */
export async function runPlan(
  file: string,
  values: LoadFlagValues,
  command: readonly string[],
  shell: Shell,
  runLoad: RunLoad,
): Promise<number> {
  const settings = toRunSettings(values, command);
  const text = await readPlan(file, shell.cwd);
  const context = { cwd: shell.cwd, readFile };
  const plan = await resolvePlan(parsePlanFile(text, file), toPlanFlags(values), context);
  return executeRun(plan, settings, shell, runLoad);
}

async function readPlan(file: string, cwd: string): Promise<string> {
  if (/^https?:\/\//i.test(file)) {
    throw new UsageError(
      'PLAN_IS_ADDRESS',
      `Not a plan: run takes a file (${file}). To load an address, write needletail ${file}.`,
    );
  }
  if (!planExtensions.includes(extname(file).toLowerCase())) {
    throw new UsageError(
      'PLAN_KIND',
      `Not a plan: unknown kind of file (${file}). A plan is YAML or JSON: name it .yaml, .yml or .json.`,
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
