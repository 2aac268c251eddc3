import {
  DEFAULT_OBJECTIVES,
  parseObjectives,
  stressOf,
  stressPlan,
  type RunPlan,
  type StressData,
  type StressSummary,
} from '@needletail/load/search';
import { stressCsvExporter, stressJsonExporter } from '@needletail/report';
import type { StressFlagValues } from '../flags/search-flags.ts';
import { toPlanFlags } from '../flags/to-plan-flags.ts';
import { searchProgress } from '../print/search/progress.ts';
import { formatStress } from '../print/search/stress.ts';
import type { Shell } from '../process/shell.ts';
import { executeSearch } from '../run/execute-search.ts';
import type { OutputRequest } from '../run/output-files.ts';
import { toRunSettings } from '../run/run-settings.ts';
import { openSearchTarget } from '../run/search-target.ts';

const stressKeys = [
  ...(['scenario', 'startRate', 'maxRate', 'precision', 'confidence', 'stepDuration'] as const),
  ...(['maxSteps', 'initialUsers', 'stepUsers', 'stepInterval', 'maxUsers', 'spikeUsers'] as const),
  ...(['spikeHold', 'soakUsers', 'soakDuration', 'recoveryLimit', 'require'] as const),
];

/** `needletail stress <target>`: raises the load until an objective breaks. */
export async function stress(
  targetText: string | undefined,
  values: StressFlagValues,
  command: readonly string[],
  shell: Shell,
  runPlan: RunPlan,
): Promise<number> {
  const run = toRunSettings(values, command);
  const target = await openSearchTarget(targetText, run, shell.cwd);
  const settings = stressOf(target.source, stressFlags(values), values.env ?? []);
  const objectives = parseObjectives(values.threshold ?? target.thresholds ?? DEFAULT_OBJECTIVES);
  const planFlags = toPlanFlags(values);
  const plan = await target.resolve({ ...planFlags, thresholds: thresholdsOf(objectives) });
  return executeSearch<StressSummary>(
    {
      outputs: outputsOf(values),
      settings: run,
      search: (options, say) =>
        stressPlan(
          plan,
          objectives,
          settings,
          { ...options, warmupMs: plan.warmupMs, progress: searchProgress(say, null) },
          runPlan,
        ),
      format: formatStress,
    },
    shell,
  );
}

/** Those the run judges; `none` where there are none of those, so that no default steps in. */
export function thresholdsOf({
  thresholds,
}: {
  readonly thresholds: readonly string[];
}): readonly string[] {
  return thresholds.length === 0 ? ['none'] : thresholds;
}

function stressFlags(values: StressFlagValues): StressData {
  const given = stressKeys.filter((key) => values[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, values[key]]));
}

function outputsOf({ json, csv }: StressFlagValues): OutputRequest<StressSummary>[] {
  return [
    ...(json === undefined ? [] : [{ path: json, exporter: stressJsonExporter }]),
    ...(csv === undefined ? [] : [{ path: csv, exporter: stressCsvExporter }]),
  ];
}
