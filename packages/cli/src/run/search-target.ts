import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { parseObjectives } from '@needletail/load/search';
import type { LoadFlagValues } from '../flags/load-flags.ts';
import { toPlanFlags } from '../flags/to-plan-flags.ts';
import type { Plan, PlanFile, PlanFlags, QuickTarget } from '@needletail/load';
import { resolvePlan } from '@needletail/load/plan';
import { UsageError } from '../errors.ts';
import { describeFileTrouble } from '../process/file-trouble.ts';
import type { Shell } from '../process/shell.ts';
import type { RunSettings } from './execute-run.ts';
import { isScenario, loadScenario } from './load-scenario.ts';

/** What a search loads, before its load is known. */
export interface SearchTarget {
  /** Where a `stress` block may stand; a scenario has none, and is an address without one. */
  readonly source: PlanFile | QuickTarget;
  /** Makes the plan, its own load to be replaced level by level, and says what thresholds are written in it. */
  readonly resolve: (
    flags: PlanFlags,
  ) => Promise<{ readonly plan: Plan; readonly written: readonly string[] | undefined }>;
}

const planExtensions = ['.yaml', '.yml', '.json'];

/** Reads an address, a plan file or a scenario; with `--on-port` the address is the port's own unless given. */
export async function openSearchTarget(
  text: string | undefined,
  { targetCommand }: Pick<RunSettings, 'targetCommand'>,
  shell: Pick<Shell, 'cwd' | 'exit'>,
): Promise<SearchTarget> {
  const { cwd } = shell;
  const given =
    text ?? (targetCommand === null ? undefined : `http://localhost:${targetCommand.port}/`);
  if (given === undefined) {
    throw new UsageError(
      'NO_TARGET',
      'Nothing to test: no address or plan given. Write one, as in needletail stress http://localhost:3000.',
    );
  }
  const context = { cwd, readFile };
  const isAddress = /^[a-z]+:\/\//i.test(given);
  if (!isAddress && isScenario(given)) return scenarioTarget(given, shell);
  if (isAddress || !planExtensions.includes(extname(given).toLowerCase())) {
    const source = { url: given };
    return {
      source,
      resolve: async (flags) => ({
        plan: await resolvePlan(source, flags, context),
        written: undefined,
      }),
    };
  }
  const content = await readFile(resolve(cwd, given), 'utf8').catch((error: unknown) => {
    const reason = describeFileTrouble(error as NodeJS.ErrnoException);
    const message = `Cannot read the plan: ${reason} (${given}). Check the path.`;
    throw new UsageError('PLAN_NOT_READ', message, { cause: error });
  });
  // The parser of YAML is loaded only for those who have some.
  const { parsePlanFile } = await import('@needletail/load/plan-file');
  const source = parsePlanFile(content, given);
  const written = source.data.thresholds;
  return {
    source,
    // What is written may hold objectives that are no thresholds: it is read by the search, not by the plan.
    resolve: async (flags) => ({
      plan: await resolvePlan(source, { thresholds: ['none'], ...flags }, context),
      written,
    }),
  };
}

function scenarioTarget(file: string, shell: Pick<Shell, 'cwd' | 'exit'>): SearchTarget {
  return {
    source: { url: file },
    async resolve(flags) {
      const plan = await loadScenario(file, flags, true, shell);
      return { plan, written: plan.thresholds };
    },
  };
}

/** The plan of a target, and the objectives asked for by flags, else as written; undefined when there are none. */
export async function openSearch(
  target: SearchTarget,
  values: Omit<LoadFlagValues, 'users'>,
): Promise<{ readonly plan: Plan; readonly expressions: readonly string[] | undefined }> {
  const { thresholds: given, ...flags } = toPlanFlags(values);
  if (given === undefined) {
    const { plan, written } = await target.resolve(flags);
    return { plan, expressions: written };
  }
  const { thresholds } = parseObjectives(given);
  // An empty list would bring the default of a run back.
  const judged = thresholds.length === 0 ? ['none'] : thresholds;
  const { plan } = await target.resolve({ ...flags, thresholds: judged });
  return { plan, expressions: given };
}
