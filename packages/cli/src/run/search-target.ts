import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import {
  resolvePlan,
  type Plan,
  type PlanFile,
  type PlanFlags,
  type QuickTarget,
} from '@needletail/load';
import { UsageError } from '../errors.ts';
import { describeFileTrouble } from '../process/file-trouble.ts';
import type { RunSettings } from './execute-run.ts';

/** What a search loads, before its load is known. */
export interface SearchTarget {
  readonly source: PlanFile | QuickTarget;
  /** Thresholds written in the plan. */
  readonly thresholds: readonly string[] | undefined;
  /** Makes the plan; its own load is replaced level by level. */
  readonly resolve: (flags: PlanFlags) => Promise<Plan>;
}

const planExtensions = ['.yaml', '.yml', '.json'];

/** Reads an address or a plan file; with `--on-port` the address is the port's own unless given. */
export async function openSearchTarget(
  text: string | undefined,
  { targetCommand }: Pick<RunSettings, 'targetCommand'>,
  cwd: string,
): Promise<SearchTarget> {
  const given =
    text ?? (targetCommand === null ? undefined : `http://localhost:${targetCommand.port}/`);
  if (given === undefined) {
    throw new UsageError(
      'NO_TARGET',
      'Nothing to test: no address or plan given. Write one, as in needletail stress http://localhost:3000.',
    );
  }
  const context = { cwd, readFile };
  const isFile =
    !/^[a-z]+:\/\//i.test(given) && planExtensions.includes(extname(given).toLowerCase());
  if (!isFile) {
    const source = { url: given };
    return {
      source,
      thresholds: undefined,
      resolve: (flags) => resolvePlan(source, flags, context),
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
  const { thresholds } = source.data;
  return { source, thresholds, resolve: (flags) => resolvePlan(source, flags, context) };
}
