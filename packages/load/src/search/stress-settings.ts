import { parseCount, parseRate } from '../plan/count.ts';
import { parseDuration } from '../plan/duration.ts';
import { PlanError, quoted } from '../plan/errors.ts';
import type { PlanFile, Scalar } from '../plan/plan-file.ts';
import { openInput, type QuickTarget } from '../plan/plan-input.ts';
import { STRESS_KEYS, type StressData, type StressScenario } from './stress-data.ts';
import { checkedAbove, checkedCount, checkedDuration } from '../plan/setting.ts';
import { didYouMean } from '../plan/suggest.ts';

/** A stress test, checked. Only the settings of its scenario mean something to it. */
export interface StressSettings {
  readonly scenario: StressScenario;
  readonly startRate: number;
  readonly maxRate: number;
  readonly precision: number;
  readonly confidence: number;
  readonly stepMs: number;
  readonly maxSteps: number;
  readonly initialUsers: number;
  readonly stepUsers: number;
  readonly stepIntervalMs: number;
  readonly maxUsers: number;
  readonly spikeUsers: number | null;
  readonly spikeHoldMs: number;
  readonly soakUsers: number | null;
  readonly soakDurationMs: number;
  /** How long recovery is waited for; 0 leaves it unmeasured. */
  readonly recoveryLimitMs: number;
  /** Users or requests per second that must be sustained. */
  readonly require: number | null;
}

const SCENARIOS: readonly StressScenario[] = [
  'breakpoint',
  'linear-overload',
  'spike-stress',
  'soak-stress',
];
const RATE = { least: 0, most: 10_000_000 };
const USERS = { least: 1, most: 100_000 };
const STEP_MS = { least: 1000, most: 3_600_000 };
/** A slope takes two seconds to show. */
const RATE_STEP_MS = { least: 2000, most: 3_600_000 };
const LIMIT_MS = { least: 0, most: 3_600_000 };

/**
 * Checks the settings of a stress test and fills in defaults; flags lie over the plan's. `labelOf` names a setting in
 * messages. What belongs to another scenario is a PlanError.
 */
export function resolveStress(
  file: StressData,
  flags: StressData,
  labelOf: (key: keyof StressData) => string = (key) => key,
): StressSettings {
  const data: StressData = { ...file, ...flags };
  const scenario = scenarioOf(data.scenario, labelOf('scenario'));
  refuseForeign(scenario, flags, labelOf);
  const read = <Value>(
    key: keyof StressData,
    parse: (value: Scalar, label: string) => Value,
    otherwise: Value,
  ): Value => (data[key] === undefined ? otherwise : parse(data[key], labelOf(key)));
  const users = (value: Scalar, label: string): number =>
    checkedCount(parseCount(value, label), label, USERS);
  const rate = (value: Scalar, label: string): number =>
    checkedAbove(parseRate(value, label), label, RATE);
  const time =
    (bounds: typeof STEP_MS) =>
    (value: Scalar, label: string): number =>
      checkedDuration(parseDuration(value, label), label, bounds);
  const settings: StressSettings = {
    scenario,
    startRate: read('startRate', rate, 50),
    maxRate: read('maxRate', rate, 1_000_000),
    precision: read('precision', percent(0.2, 50), 0.02),
    confidence: read('confidence', percent(50, 99.9), 0.95),
    stepMs: read('stepDuration', time(RATE_STEP_MS), 4000),
    maxSteps: read('maxSteps', users, 40),
    initialUsers: read('initialUsers', users, 5),
    stepUsers: read('stepUsers', users, 5),
    stepIntervalMs: read('stepInterval', time(STEP_MS), 30_000),
    maxUsers: read('maxUsers', users, 200),
    spikeUsers: read<number | null>('spikeUsers', users, null),
    spikeHoldMs: read('spikeHold', time(STEP_MS), 30_000),
    soakUsers: read<number | null>('soakUsers', users, null),
    soakDurationMs: read('soakDuration', time(STEP_MS), 60_000),
    recoveryLimitMs: read('recoveryLimit', time(LIMIT_MS), 60_000),
    require: read<number | null>('require', rate, null),
  };
  refuseImpossible(settings, labelOf);
  return settings;
}

function scenarioOf(given: string | undefined, label: string): StressScenario {
  if (given === undefined) return 'breakpoint';
  const scenario = SCENARIOS.find((name) => name === given);
  if (scenario !== undefined) return scenario;
  const remedy = `${didYouMean(given, SCENARIOS)}Give one of ${SCENARIOS.join(', ')}.`;
  throw fault(`${quoted(given)} is no stress test`, label, remedy);
}

function refuseForeign(
  scenario: StressScenario,
  flags: StressData,
  labelOf: (key: keyof StressData) => string,
): void {
  for (const key of Object.keys(flags) as (keyof StressData)[]) {
    const owner = flags[key] === undefined ? null : STRESS_KEYS[key];
    const isForeign =
      owner === 'users' ? scenario === 'breakpoint' : owner !== null && owner !== scenario;
    if (!isForeign) continue;
    throw fault(
      `it means nothing to ${scenario}`,
      labelOf(key),
      owner === 'users'
        ? 'Leave it out, or ask for a scenario of users.'
        : `It belongs to ${owner}.`,
    );
  }
}

function refuseImpossible(
  settings: StressSettings,
  labelOf: (key: keyof StressData) => string,
): void {
  const { scenario, maxUsers, initialUsers, maxRate, startRate } = settings;
  if (maxUsers < initialUsers) {
    const cause = `${maxUsers} is less than the ${initialUsers} users it begins with`;
    throw fault(cause, labelOf('maxUsers'), 'Raise it.');
  }
  if (maxRate < startRate) {
    const cause = `${maxRate} is less than the ${startRate} per second it begins with`;
    throw fault(cause, labelOf('maxRate'), 'Raise it.');
  }
  if (scenario === 'spike-stress' && settings.spikeUsers === null)
    throw fault('a spike needs its users', labelOf('spikeUsers'), 'Say how many.');
  if (scenario === 'soak-stress' && settings.soakUsers === null)
    throw fault('a soak needs its users', labelOf('soakUsers'), 'Say how many.');
}

/** A share from `95%`, or `0.95`. */
function percent(least: number, most: number): (value: Scalar, label: string) => number {
  return (value, label) => {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(String(value));
    const share = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
    if (share * 100 >= least && share * 100 <= most) return share;
    const cause = `${quoted(String(value))} is no share from ${least}% to ${most}%`;
    throw fault(cause, label, 'Write it like 95% or 0.95.');
  };
}

function fault(cause: string, where: string, remedy: string): PlanError {
  return new PlanError({
    code: 'PLAN_LOAD',
    problem: 'Stress test not usable',
    cause,
    where,
    remedy,
  });
}

/** The stress test that a plan file and flags ask for; faults of the file name their place in it. */
export function stressOf(
  source: PlanFile | QuickTarget,
  flags: StressData,
  env: readonly string[],
): StressSettings {
  const { data, whereOf } = openInput(source, env);
  const labelOf = (key: keyof StressData): string =>
    flags[key] === undefined && data.stress?.[key] !== undefined
      ? whereOf(['stress', key])
      : `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return resolveStress(data.stress ?? {}, flags, labelOf);
}
