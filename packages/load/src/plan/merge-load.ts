import { PlanError } from './errors.ts';
import type { LoadKey, LoadSettings } from './load-settings.ts';

/** What the load is driven by; each has settings that mean nothing to it. */
type Drive = 'users' | 'user stages' | 'rate' | 'rate stages';

/** Settings that do not go with a drive, and why. */
const FOREIGN: Readonly<Record<Drive, Partial<Record<LoadKey, string>>>> = {
  users: {
    poisson: 'arrivals are random only where a rate drives',
    start: 'only stages begin at a level',
  },
  'user stages': {
    users: 'the stages say how many users there are',
    durationMs: 'the stages say how long the run is',
    requests: 'the stages say how long the run is',
    iterations: 'the stages say how long the run is',
    rampUpMs: 'the stages are the ramp',
    poisson: 'arrivals are random only where a rate drives',
  },
  rate: {
    users: 'a rate drives the run, whatever the number of users; -c caps the connections',
    rampUpMs: 'a rate ramps by stages',
    thinkMs: 'a rate drives the run, nobody waits to think',
    iterations: 'a rate drives the run, nobody goes round the list',
    start: 'only stages begin at a level',
  },
  'rate stages': {
    users: 'a rate drives the run, whatever the number of users; -c caps the connections',
    durationMs: 'the stages say how long the run is',
    requests: 'the stages say how long the run is',
    rampUpMs: 'the stages are the ramp',
    thinkMs: 'a rate drives the run, nobody waits to think',
    iterations: 'a rate drives the run, nobody goes round the list',
  },
};

/** What a flag that changes the shape of the load takes out of the plan's. */
const USER_SHAPE: readonly LoadKey[] = [
  'users',
  'rampUpMs',
  'thinkMs',
  'iterations',
  'spikeUsers',
  'spikeDurationMs',
  'userStages',
];
const RATE_SHAPE: readonly LoadKey[] = ['rate', 'poisson', 'start', 'rateStages'];
const ENDS: readonly LoadKey[] = ['durationMs', 'requests', 'iterations'];

/**
 * Lays flags over the load of a plan. A flag that asks for another shape (users, a rate, stages) replaces the plan's;
 * any other replaces its own setting. What contradicts is a PlanError that names both sides.
 */
export function mergeLoad(file: LoadSettings, flags: LoadSettings): LoadSettings {
  refuseContradictions(flags);
  refuseContradictions(file);
  const merged = { ...without(file, replacedBy(file, flags)), ...flags };
  refuseContradictions(merged, 'users');
  return merged;
}

function replacedBy(file: LoadSettings, flags: LoadSettings): readonly LoadKey[] {
  const stagesGiven = flags.userStages ?? flags.rateStages;
  if (stagesGiven !== undefined) {
    const kept: LoadKey = flags.userStages === undefined ? 'poisson' : 'thinkMs';
    return [...USER_SHAPE, ...RATE_SHAPE, ...ENDS].filter((key) => key !== kept);
  }
  if (flags.rate !== undefined) return [...USER_SHAPE, 'start', 'rateStages'];
  if (flags.users !== undefined && driveOf(file)?.startsWith('rate') === true) return RATE_SHAPE;
  // One end is asked for in place of the plan's; a duration stays beside a count, whichever comes first.
  if (flags.iterations !== undefined) return ['requests'];
  return flags.requests === undefined ? [] : ['iterations'];
}

/** What drives a load; null when nothing says so yet, which will mean users. */
function driveOf(settings: LoadSettings): Drive | null {
  if (settings.userStages !== undefined) return 'user stages';
  if (settings.rateStages !== undefined) return 'rate stages';
  if (settings.rate !== undefined) return 'rate';
  return settings.users === undefined ? null : 'users';
}

function refuseContradictions(settings: LoadSettings, otherwise: Drive | null = null): void {
  const { iterations, requests } = settings;
  if (iterations !== undefined && requests !== undefined) {
    throw conflict(requests.where, iterations.where, 'both say when the run ends');
  }
  const drive = driveOf(settings) ?? otherwise;
  if (drive === null) return;
  const driver = driverOf(settings);
  for (const [key, reason] of Object.entries(FOREIGN[drive]) as [LoadKey, string][]) {
    const setting = settings[key];
    if (setting !== undefined) throw conflict(setting.where, driver, reason);
  }
}

function driverOf({ userStages, rateStages, rate, users }: LoadSettings): string {
  return (userStages ?? rateStages ?? rate ?? users)?.where ?? 'users, the default';
}

/** An error that names two settings which cannot both be had. */
export function conflict(one: string, other: string, reason: string): PlanError {
  return new PlanError({
    code: 'PLAN_CONFLICT',
    problem: 'Contradictory settings',
    cause: reason,
    where: `${one} and ${other}`,
    remedy: 'Give one of them.',
  });
}

function without(settings: LoadSettings, keys: readonly LoadKey[]): LoadSettings {
  return Object.fromEntries(
    Object.entries(settings).filter(([key]) => !keys.includes(key as LoadKey)),
  );
}
