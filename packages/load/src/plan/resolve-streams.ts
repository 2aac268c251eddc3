import type { AnyDefinition } from './check-definition.ts';
import { parseCount } from './count.ts';
import type { DefinitionInput } from './definition-input.ts';
import { PlanError } from './errors.ts';
import {
  settingsOfFile,
  settingsOfFlags,
  type LoadSettings,
  type Setting,
} from './load-settings.ts';
import { conflict, mergeLoad } from './merge-load.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';
import { resolveLoad, type ResolvedLoad } from './resolve-load.ts';
import type { ScenarioPlan, StreamPlan } from './script-plan.ts';
import { checkedAbove } from './setting.ts';

/** The scenarios of a script, and the loads that start their iterations. */
export interface ResolvedStreams {
  readonly scenarios: readonly ScenarioPlan[];
  readonly streams: readonly StreamPlan[];
  /** The first load with everything that settings outside of it must agree with. */
  readonly first: ResolvedLoad;
  /** Most users at a time, all streams together. */
  readonly users: number;
}

/** The scenario of a definition that has only a `user`. */
const ONLY_SCENARIO = 'user';

const WEIGHT = { least: 0, most: 1_000_000_000 };

/** One stream for the load at the top, shared by weight, and one for each scenario with a load of its own. */
export function resolveStreams(
  definition: AnyDefinition,
  input: DefinitionInput,
  flags: PlanFlags,
): ResolvedStreams {
  const entries = Object.entries(definition.scenarios ?? { [ONLY_SCENARIO]: {} });
  const scenarios = entries.map(([name, { weight, load }]) => {
    if (weight !== undefined && load !== undefined) throw weightBesideLoad(name);
    return { name, weight: weightOf(name, weight) };
  });
  const shares = entries.flatMap(([, { load }], index) => (load === undefined ? [index] : []));
  refuseUnclearLoads(
    definition,
    entries.map(([name]) => name),
    shares,
  );
  const plans: { readonly settings: PlanInput; readonly scenarios: readonly number[] }[] = [];
  if (shares.length > 0) plans.push({ settings: input.settings, scenarios: shares });
  entries.forEach(([name, { load }], index) => {
    if (load !== undefined) plans.push({ settings: input.forScenario(name), scenarios: [index] });
  });
  if (plans.length > 1) refuseUnclearFlags(flags);
  const resolved = plans.map((plan) => ({ ...plan, load: resolveOne(plan.settings, flags) }));
  return {
    scenarios,
    streams: resolved.map(({ load, scenarios: positions }) => ({
      load: load.load,
      maxIterations: load.maxRequests,
      maxUsers: load.connections,
      scenarios: positions,
      thinkMs: load.thinkMs,
    })),
    first: resolved[0]!.load,
    users: resolved.reduce((sum, { load }) => sum + load.connections, 0),
  };
}

/** To the load, iterations of a script are what requests are to a plan without code: what is due, and what is counted. */
function resolveOne(settings: PlanInput, flags: PlanFlags): ResolvedLoad {
  const merged = mergeLoad(
    countingIterations(settingsOfFile(settings)),
    countingIterations(settingsOfFlags(flags)),
  );
  const isOpen = merged.rate !== undefined || merged.rateStages !== undefined;
  return resolveLoad(merged, maxUsersOf(settings, flags, isOpen));
}

function countingIterations(settings: LoadSettings): LoadSettings {
  const { iterations, ...others } = settings;
  return iterations === undefined ? others : { ...others, requests: iterations };
}

function maxUsersOf(
  { data, at, whereOf }: PlanInput,
  flags: PlanFlags,
  isOpen: boolean,
): Setting<number> | undefined {
  if (flags.connections !== undefined) {
    return { value: flags.connections, where: FLAG_LABEL.connections };
  }
  const maxUsers = (data.load as { readonly maxUsers?: number | string }).maxUsers;
  if (maxUsers === undefined) return undefined;
  if (isOpen) {
    const value = at(['load', 'maxUsers'], (label) => parseCount(maxUsers, label));
    return { value, where: whereOf(['load', 'maxUsers']) };
  }
  // A flag may have made users of a rate; then the cap has nothing left to cap.
  if (data.load?.rate !== undefined || flags.users !== undefined || flags.stages !== undefined)
    return undefined;
  throw conflict(
    whereOf(['load', 'maxUsers']),
    whereOf(['load', 'stages']),
    'the stages say how many users there are; maxUsers caps those that a rate starts',
  );
}

function refuseUnclearLoads(
  { load }: AnyDefinition,
  names: readonly string[],
  shares: readonly number[],
): void {
  if (shares.length === 0 && load !== undefined) {
    throw conflict(
      'load',
      `scenarios.${names[0]}.load`,
      'each scenario has a load of its own, the one at the top starts nothing',
    );
  }
  if (load !== undefined || shares.length === 0 || shares.length === names.length) return;
  throw new PlanError({
    code: 'PLAN_LOAD',
    problem: 'Scenario without a load',
    cause: 'other scenarios have loads of their own, and there is none at the top to share',
    where: `scenarios.${names[shares[0]]}`,
    remedy: 'Give it a load, or one at the top of the definition.',
  });
}

/** Flags that would change each of several loads, whatever they are. */
const UNCLEAR_FLAGS = [
  'users',
  'connections',
  'rate',
  'stages',
  'iterations',
  'rampUpMs',
  'poisson',
] as const;

function refuseUnclearFlags(flags: PlanFlags): void {
  const unclear = UNCLEAR_FLAGS.find((key) => flags[key] !== undefined);
  if (unclear === undefined) return;
  throw new PlanError({
    code: 'PLAN_CONFLICT',
    problem: 'Flag with several meanings',
    cause: 'the scenarios have loads of their own, and it would have to change one of them',
    where: FLAG_LABEL[unclear],
    remedy: 'Change the scenarios, or let them read vars and use -e.',
  });
}

function weightOf(name: string, weight: number | undefined): number {
  return weight === undefined ? 1 : checkedAbove(weight, `scenarios.${name}.weight`, WEIGHT);
}

function weightBesideLoad(name: string): PlanError {
  const where = `scenarios.${name}`;
  return conflict(`${where}.weight`, `${where}.load`, 'a weight is a share of the load at the top');
}
