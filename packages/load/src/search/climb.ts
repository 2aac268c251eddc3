import type { LevelResult } from './level-result.ts';
import type { StressSettings } from './stress-settings.ts';
import type { Trial } from './trial.ts';

/** What raising users showed. */
export interface UserFinding {
  /** Most users that were held; null when none were. */
  readonly sustained: LevelResult | null;
  /** The first breach that a second run confirmed. */
  readonly broken: LevelResult | null;
  /** A level that the generator could not judge ended the climb. */
  readonly unjudged: LevelResult | null;
  /** Sentences about what was odd. */
  readonly remarks: readonly string[];
}

type UserSettings = Pick<
  StressSettings,
  | 'initialUsers'
  | 'stepUsers'
  | 'stepIntervalMs'
  | 'maxUsers'
  | 'spikeUsers'
  | 'spikeHoldMs'
  | 'soakUsers'
  | 'soakDurationMs'
>;

/** Raises users step by step until a breach is confirmed, or the most that were asked for are held. */
export async function climb(trial: Trial, settings: UserSettings): Promise<UserFinding> {
  const { initialUsers, stepUsers, maxUsers, stepIntervalMs } = settings;
  let sustained: LevelResult | null = null;
  for (let users = initialUsers; users <= maxUsers; users += stepUsers) {
    const result = await trial.confirm({ kind: 'users', amount: users }, stepIntervalMs);
    if (result.verdict === 'held') sustained = result;
    else return finding(sustained, result);
  }
  return { sustained, broken: null, unjudged: null, remarks: [] };
}

/** Holds the initial users, to know what good is, then a spike of users. */
export async function spike(trial: Trial, settings: UserSettings): Promise<UserFinding> {
  const { initialUsers, stepIntervalMs, spikeUsers, spikeHoldMs } = settings;
  const calmMs = Math.min(stepIntervalMs, spikeHoldMs);
  const calm = await trial.confirm({ kind: 'users', amount: initialUsers }, calmMs, 'baseline');
  if (calm.verdict !== 'held') return finding(null, calm);
  const peak = { kind: 'users', amount: spikeUsers! } as const;
  const result = await trial.confirm(peak, spikeHoldMs, 'spike');
  if (result.verdict !== 'held') return finding(calm, result);
  return { sustained: result, broken: null, unjudged: null, remarks: [] };
}

/** Holds users for long, then climbs; what the soak held counts whatever the climb shows. */
export async function soak(trial: Trial, settings: UserSettings): Promise<UserFinding> {
  const { soakUsers, soakDurationMs } = settings;
  const level = { kind: 'users', amount: soakUsers! } as const;
  const soaked = await trial.confirm(level, soakDurationMs, 'soak');
  if (soaked.verdict !== 'held') return finding(null, soaked);
  const climbed = await climb(trial, settings);
  const sustained = (climbed.sustained?.amount ?? 0) > soaked.amount ? climbed.sustained : soaked;
  const worse = climbed.broken !== null && climbed.broken.amount <= soaked.amount;
  const remarks = worse
    ? [
        `${soaked.amount} users were held before ${climbed.broken.amount} were not: the target got worse with time.`,
      ]
    : [];
  return { ...climbed, sustained, remarks };
}

function finding(sustained: LevelResult | null, ended: LevelResult): UserFinding {
  const isBroken = ended.verdict === 'breached';
  return {
    sustained,
    broken: isBroken ? ended : null,
    unjudged: isBroken ? null : ended,
    remarks: [],
  };
}
