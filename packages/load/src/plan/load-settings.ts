import { parseCount, parseRate } from './count.ts';
import { parseDuration } from './duration.ts';
import { PlanError, quoted } from './errors.ts';
import type { LoadData, Scalar, StageData } from './plan-file.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';

/** A stage before it is known whether levels are users or a rate. */
interface Stage {
  readonly durationMs: number;
  readonly level: number;
}

/** A value and what the user calls it, for messages that name two of them. */
export interface Setting<Value> {
  readonly value: Value;
  readonly where: string;
}

/** What shapes the load, from the plan file, the flags, or one over the other; absent means not given. */
export interface LoadSettings {
  readonly users?: Setting<number>;
  readonly rate?: Setting<number>;
  readonly start?: Setting<number>;
  readonly durationMs?: Setting<number>;
  readonly rampUpMs?: Setting<number>;
  readonly thinkMs?: Setting<number>;
  readonly iterations?: Setting<number>;
  readonly requests?: Setting<number>;
  readonly poisson?: Setting<boolean>;
  readonly spikeUsers?: Setting<number>;
  readonly spikeDurationMs?: Setting<number>;
  readonly userStages?: Setting<readonly Stage[]>;
  readonly rateStages?: Setting<readonly Stage[]>;
}

export type LoadKey = keyof LoadSettings;

/** The load of a plan file; `rate-ramp` becomes one stage. */
export function settingsOfFile(input: PlanInput): LoadSettings {
  const load = input.data.load ?? {};
  const read = <Value>(
    key: keyof LoadData,
    parse: (value: Scalar, label: string) => Value,
  ): Setting<Value> | undefined => {
    const value = load[key] as Scalar | undefined;
    if (value === undefined) return undefined;
    return input.at(['load', key], (label) => ({
      value: parse(value, label),
      where: input.whereOf(['load', key]),
    }));
  };
  const isRamp = load.scenario === 'rate-ramp';
  const ratesGiven = load.stages?.some((stage) => stage.rate !== undefined) ?? isRamp;
  const poisson = load.scenario === 'poisson' || load.arrivals === 'poisson';
  const durationMs = read('duration', parseDuration);
  const rate = read('rate', parseRate);
  return present({
    users: read('users', parseCount),
    rate: isRamp ? undefined : rate,
    start: read('start', ratesGiven ? parseRate : parseCount),
    durationMs: isRamp ? undefined : durationMs,
    rampUpMs: read('rampUp', parseDuration),
    thinkMs: read('think', parseDuration),
    iterations: read('iterations', parseCount),
    requests: read('requests', parseCount),
    poisson: poisson ? { value: true, where: input.whereOf(['load', 'arrivals']) } : undefined,
    spikeUsers: read('spikeUsers', parseCount),
    spikeDurationMs: read('spikeDuration', parseDuration),
    ...(isRamp
      ? {
          rateStages: {
            value: [{ durationMs: durationMs!.value, level: rate!.value }],
            where: 'load',
          },
        }
      : stagesOfFile(input, load.stages, ratesGiven)),
  });
}

/** The load that flags ask for; with `--rate`, stages are rates that begin at it. */
export function settingsOfFlags(flags: PlanFlags): LoadSettings {
  const take = <Key extends keyof PlanFlags>(
    key: Key,
  ): Setting<NonNullable<PlanFlags[Key]>> | undefined => {
    const value = flags[key];
    return value === undefined ? undefined : { value, where: FLAG_LABEL[key] };
  };
  const rate = take('rate');
  const given = flags.stages ?? [];
  const stages =
    given.length === 0
      ? undefined
      : {
          value: given.map((stage) => parseStage(stage, rate !== undefined)),
          where: FLAG_LABEL.stages,
        };
  return present({
    users: take('users'),
    rate: stages === undefined ? rate : undefined,
    start: stages === undefined ? undefined : rate,
    durationMs: take('durationMs'),
    rampUpMs: take('rampUpMs'),
    thinkMs: take('thinkMs'),
    iterations: take('iterations'),
    requests: take('requests'),
    poisson: flags.poisson === true ? { value: true, where: FLAG_LABEL.poisson } : undefined,
    userStages: rate === undefined ? stages : undefined,
    rateStages: rate === undefined ? undefined : stages,
  });
}

function stagesOfFile(
  input: PlanInput,
  stages: readonly StageData[] | undefined,
  areRates: boolean,
): Pick<LoadSettings, 'userStages' | 'rateStages'> {
  if (stages === undefined) return {};
  const value = stages.map((stage, index) =>
    input.at(['load', 'stages', index], (label): Stage => {
      const level = areRates ? stage.rate : stage.users;
      const other = areRates ? stage.users : stage.rate;
      if (level === undefined || other !== undefined) {
        throw stageFault('a stage has users or a rate, the same in all of them', label);
      }
      return {
        durationMs: parseDuration(stage.duration, `${label}.duration`),
        level: areRates ? parseRate(level, `${label}.rate`) : parseCount(level, `${label}.users`),
      };
    }),
  );
  const setting = { value, where: input.whereOf(['load', 'stages']) };
  return areRates ? { rateStages: setting } : { userStages: setting };
}

function parseStage(text: string, isRate: boolean): Stage {
  const where = FLAG_LABEL.stages;
  const colon = text.indexOf(':');
  if (colon <= 0) throw stageFault(`${quoted(text)} is not a duration and a level`, where);
  const level = text.slice(colon + 1);
  return {
    durationMs: parseDuration(text.slice(0, colon), where),
    level: isRate ? parseRate(level, where) : parseCount(level, where),
  };
}

function stageFault(cause: string, where: string): PlanError {
  return new PlanError({
    code: 'PLAN_STAGE',
    problem: 'Stage not usable',
    cause,
    where,
    remedy: 'Write it like 30s:50, or in a plan { duration: 30s, users: 50 }.',
  });
}

/** Without the keys that are undefined. */
function present(settings: {
  readonly [Key in LoadKey]?: LoadSettings[Key] | undefined;
}): LoadSettings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, setting]) => setting !== undefined),
  );
}
