import { formatCount } from '../plan/count.ts';
import type { LevelResult } from './level-result.ts';
import type { Recovery } from './recovery.ts';
import type { Finding } from './stress.ts';
import type { StressSettings } from './stress-settings.ts';
import type { SearchEnded } from './trial.ts';

/** Why the search ended where it did, what was asked of it, and how the target recovered, in sentences. */
export function stressReasons(
  finding: Finding,
  settings: StressSettings,
  recovery: Recovery | null,
  ended: SearchEnded | null,
): string[] {
  const { sustained, remarks } = finding;
  const { require } = settings;
  const reasons = ended === null ? [stopReason(finding, settings)] : [ended.message];
  if (require !== null && (sustained ?? 0) < require) {
    const found = sustained === null ? 'nothing was held' : `${formatCount(sustained)} were held`;
    reasons.push(`Required were ${formatCount(require)}; ${found}.`);
  }
  if (recovery !== null && recovery.seconds === null) {
    reasons.push(
      `The target had not recovered ${recovery.limitSeconds} s after the load fell from ` +
        `${formatCount(recovery.from)} to ${formatCount(recovery.to)}.`,
    );
  }
  return [...reasons, ...remarks];
}

function stopReason(
  { search, broken, unjudged, sustained }: Finding,
  settings: StressSettings,
): string {
  if (unjudged !== null) return generatorReason(unjudged, sustained);
  switch (search?.stop) {
    case 'confident':
      return (
        `The limit is known within ${percent(settings.precision)} either way with ` +
        `${percent(settings.confidence)} confidence: what is sustained was held twice, what breaks broke twice.`
      );
    case 'max-rate':
      return `The highest rate allowed, ${formatCount(settings.maxRate)}/s, was held: the limit lies above it. Raise --max-rate to find it.`;
    case 'nothing-held':
      return 'Not even the lowest rate was held. Lower the objectives, or look at what fails.';
    case 'max-steps':
      return `${settings.maxSteps} steps were not enough to be as sure as asked. Raise --max-steps or --step-duration, or lower --precision.`;
    case 'generator':
      return 'The generator was the limit.';
    case undefined:
  }
  if (broken === null)
    return `The most users asked for were held: the limit lies above them. Raise ${settings.scenario === 'spike-stress' ? '--spike-users' : '--max-users'} to find it.`;
  return `${formatCount(broken.amount)} users broke an objective in two runs.`;
}

function generatorReason({ amount, note }: LevelResult, sustained: number | null): string {
  const least =
    sustained === null ? '' : ` The target sustains at least ${formatCount(sustained)}.`;
  return `The generator was the limit at ${formatCount(amount)}, so what broke there says nothing of the target.${least} ${note ?? ''}`.trim();
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
