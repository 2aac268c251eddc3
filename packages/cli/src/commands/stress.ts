import type { Plan } from '@needletail/load';
import {
  DEFAULT_OBJECTIVES,
  parseObjectives,
  stressOf,
  stressPlan,
  type RunPlan,
  type StressData,
  type StressSummary,
} from '@needletail/load/search';
import type { StressFlagValues } from '../flags/search-flags.ts';
import { searchProgress } from '../print/search/progress.ts';
import { formatStress } from '../print/search/stress.ts';
import type { Shell } from '../process/shell.ts';
import { executeSearch } from '../run/execute-search.ts';
import type { OutputRequest } from '../run/output-files.ts';
import { toRunSettings } from '../run/run-settings.ts';
import { openSearch, openSearchTarget } from '../run/search-target.ts';

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
  const run = await toRunSettings(values, command);
  const target = await openSearchTarget(targetText, run, shell);
  const settings = stressOf(target.source, stressFlags(values), values.env ?? []);
  const { plan, expressions } = await openSearch(target, values);
  const objectives = parseObjectives(expressionsOf(plan, expressions));
  return executeSearch<StressSummary>(
    {
      outputs: await outputsOf(values),
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

/** A scenario without an objective of time knows how errors are judged, no more: the defaults add when it is too slow. */
function expressionsOf(
  { script }: Plan,
  expressions: readonly string[] = DEFAULT_OBJECTIVES,
): readonly string[] {
  const judgesTime = (text: string): boolean => /\b(p\d|mean|avg|max|median)/i.test(text);
  if (script === null || expressions.some(judgesTime)) return expressions;
  return [...expressions, ...DEFAULT_OBJECTIVES.filter(judgesTime)];
}

function stressFlags(values: StressFlagValues): StressData {
  const given = stressKeys.filter((key) => values[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, values[key]]));
}

async function outputsOf({ json, csv }: StressFlagValues): Promise<OutputRequest<StressSummary>[]> {
  const { stressCsvExporter, stressJsonExporter } = await import('@needletail/report');
  return [
    ...(json === undefined ? [] : [{ path: json, exporter: stressJsonExporter }]),
    ...(csv === undefined ? [] : [{ path: csv, exporter: stressCsvExporter }]),
  ];
}
