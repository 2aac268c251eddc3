import { findBreakpoint, type BreakpointFinding } from './breakpoint.ts';
import { climb, soak, spike, type UserFinding } from './climb.ts';
import { firstErrorAt, nonLinearLatencyAt } from './first-signs.ts';
import type { LevelResult } from './level-result.ts';
import type { LevelRunner } from './level.ts';
import type { Objectives } from './objectives.ts';
import { measureRecovery, type Recovery } from './recovery.ts';
import { stressReasons } from './stress-reasons.ts';
import type { StressSettings } from './stress-settings.ts';
import type { StressSummary } from './stress-summary.ts';
import { SearchEnded, Trial, type SearchOptions } from './trial.ts';

/** What a stress test is called in its report. */
export interface StressSubject {
  readonly tool: StressSummary['tool'];
  readonly target: string;
  readonly name: string | null;
  /** Users are scripts: a rate is one of iterations. */
  readonly isScript: boolean;
}

/** What a strategy found, in the same words for users and rates. */
export interface Finding {
  readonly sustained: number | null;
  readonly broken: LevelResult | null;
  readonly unjudged: LevelResult | null;
  readonly search: BreakpointFinding | null;
  readonly remarks: readonly string[];
}

/** Raises the load until an objective breaks, by the scenario asked for, then measures how the target recovers. */
export async function stress(
  runner: LevelRunner,
  objectives: Objectives,
  settings: StressSettings,
  subject: StressSubject,
  options: SearchOptions = {},
): Promise<StressSummary> {
  const trial = new Trial(runner, objectives, options);
  const startedAt = new Date().toISOString();
  let finding: Finding | null = null;
  let recovery: Recovery | null = null;
  let ended: SearchEnded | null = null;
  try {
    finding = await search(trial, settings);
    recovery = await recover(trial, settings, finding);
  } catch (error) {
    if (!(error instanceof SearchEnded)) throw error;
    ended = error;
  }
  finding ??= findingSoFar(trial);
  const { sustained, broken, search: limit } = finding;
  const levels = trial.results;
  const belief = limit?.belief ?? null;
  const [most] = broken?.broken ?? [];
  return {
    schema: 'needletail.stress/1',
    tool: subject.tool,
    target: subject.target,
    name: subject.name,
    unit: unitOf(settings, subject),
    settings,
    objectives: objectives.expressions,
    startedAt,
    durationMs: trial.elapsedMs,
    ended: ended?.why ?? 'complete',
    maxSustainable: sustained,
    interval:
      belief === null
        ? null
        : { low: belief.low, high: belief.high, confidence: settings.confidence },
    breakingPoint:
      broken === null || most === undefined
        ? null
        : { amount: broken.amount, objective: most.objective, actual: most.actual },
    firstErrorAt: firstErrorAt(levels),
    nonLinearLatencyAt: nonLinearLatencyAt(levels),
    recovery,
    steps: levels.length,
    levels,
    verdict: verdictOf(finding, settings, ended, stressReasons(finding, settings, recovery, ended)),
  };
}

async function search(trial: Trial, settings: StressSettings): Promise<Finding> {
  switch (settings.scenario) {
    case 'breakpoint': {
      const found = await findBreakpoint(trial, settings);
      const unjudged =
        found.stop === 'generator'
          ? (trial.results.findLast(({ verdict }) => verdict === 'unjudged') ?? null)
          : null;
      const { sustained, broken } = found;
      return { sustained, broken, unjudged, search: found, remarks: [] };
    }
    case 'linear-overload':
      return ofUsers(await climb(trial, settings));
    case 'spike-stress':
      return ofUsers(await spike(trial, settings));
    case 'soak-stress':
      return ofUsers(await soak(trial, settings));
  }
}

function ofUsers({ sustained, ...finding }: UserFinding): Finding {
  return { ...finding, sustained: sustained?.amount ?? null, search: null };
}

/** After an interruption: what single runs showed, no more than that. */
function findingSoFar({ results }: Trial): Finding {
  const held = results.filter(({ verdict }) => verdict === 'held').map(({ amount }) => amount);
  return {
    sustained: held.length === 0 ? null : Math.max(...held),
    broken:
      results.find(({ role, verdict }) => role === 'retest' && verdict === 'breached') ?? null,
    unjudged: null,
    search: null,
    remarks: [],
  };
}

/** A rate that is all a target can do leaves it nothing to work off a backlog with. */
const ROOM_TO_RECOVER = 0.8;

/**
 * The load falls to users that were held, or to most of the rate that was; where nothing was held, to half of what broke,
 * and then only the objectives say what is good.
 */
async function recover(
  trial: Trial,
  { recoveryLimitMs }: StressSettings,
  { broken, sustained }: Finding,
): Promise<Recovery | null> {
  if (broken === null || recoveryLimitMs === 0) return null;
  const isRate = broken.kind === 'rate';
  const good = trial.results
    .filter(({ verdict, amount }) => verdict === 'held' && amount <= (sustained ?? 0))
    .filter(({ amount }) => amount < broken.amount)
    .toSorted((a, b) => b.amount - a.amount)[0];
  const below =
    good === undefined ? broken.amount / 2 : good.amount * (isRate ? ROOM_TO_RECOVER : 1);
  const amount = isRate ? Number(below.toPrecision(4)) : Math.floor(below);
  if (amount < 1) return null;
  const calm = { amount, p95Ms: good?.latencyMs.p95 ?? null };
  return measureRecovery(trial, broken, calm, recoveryLimitMs);
}

function unitOf({ scenario }: StressSettings, { isScript }: StressSubject): StressSummary['unit'] {
  if (scenario !== 'breakpoint') return 'users';
  return isScript ? 'iterations/s' : 'requests/s';
}

function verdictOf(
  { sustained, broken, unjudged, search }: Finding,
  { require }: StressSettings,
  ended: SearchEnded | null,
  reasons: readonly string[],
): StressSummary['verdict'] {
  // A target that breaks at the first level does not pass, whatever was asked of it.
  const holdsNothing = sustained === null && broken !== null;
  const isMet = require === null ? !holdsNothing : (sustained ?? 0) >= require;
  const isOpen = unjudged !== null || search?.stop === 'max-steps';
  // What was asked for is known to be held, whatever ended the search.
  if (require !== null && isMet) return { status: 'pass', reasons };
  if (ended?.why === 'unreachable' || isOpen) return { status: 'invalid', reasons };
  return { status: isMet ? 'pass' : 'fail', reasons };
}
