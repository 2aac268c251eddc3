import {
  parseObjectives,
  resolveSweep,
  sweepPlan,
  type RunPlan,
  type SweepSummary,
} from '@needletail/load/search';
import type { SweepFlagValues } from '../flags/search-flags.ts';
import { searchProgress } from '../print/search/progress.ts';
import { formatSweep } from '../print/search/sweep.ts';
import type { Shell } from '../process/shell.ts';
import { executeSearch } from '../run/execute-search.ts';
import type { OutputRequest } from '../run/output-files.ts';
import { toRunSettings } from '../run/run-settings.ts';
import { openSearch, openSearchTarget } from '../run/search-target.ts';

/** `needletail sweep <target>`: throughput and latency at each of several levels, and the law they follow. */
export async function sweep(
  targetText: string | undefined,
  { users, ...values }: SweepFlagValues,
  command: readonly string[],
  shell: Shell,
  runPlan: RunPlan,
): Promise<number> {
  const run = await toRunSettings(values, command);
  const target = await openSearchTarget(targetText, run, shell);
  const { rates, stepDuration, repeats, shuffle, confidence } = values;
  const settings = resolveSweep({ users, rates, stepDuration, repeats, shuffle, confidence });
  const { plan, expressions } = await openSearch(target, values);
  const objectives = expressions === undefined ? null : parseObjectives(expressions);
  return executeSearch<SweepSummary>(
    {
      outputs: await outputsOf(values),
      settings: run,
      search: (options, say) => {
        const progress = searchProgress(say, settings.amounts.length * settings.repeats);
        const { warmupMs } = plan;
        return sweepPlan(plan, objectives, settings, { ...options, warmupMs, progress }, runPlan);
      },
      format: formatSweep,
    },
    shell,
  );
}

async function outputsOf({
  json,
  csv,
}: Pick<SweepFlagValues, 'json' | 'csv'>): Promise<OutputRequest<SweepSummary>[]> {
  const { sweepCsvExporter, sweepJsonExporter } = await import('@needletail/report');
  return [
    ...(json === undefined ? [] : [{ path: json, exporter: sweepJsonExporter }]),
    ...(csv === undefined ? [] : [{ path: csv, exporter: sweepCsvExporter }]),
  ];
}
