import { parseThreshold, type Threshold } from '../collect/threshold.ts';
import { PlanError, quoted } from './errors.ts';
import { FLAG_LABEL, type PlanFlags } from './plan-flags.ts';
import type { PlanInput } from './plan-input.ts';
import type { RequestSpec } from './plan.ts';
import { didYouMean } from './suggest.ts';

/** A target that answers nothing but errors does not pass because nobody asked. */
const DEFAULT_THRESHOLD = 'error rate < 1%';
const DEFAULT_ITERATION_THRESHOLD = 'iteration error rate < 1%';
const NONE = 'none';

/** Throws a PlanError for the first expression that is no threshold, whatever it is about. */
export function refuseUnreadable(expressions: readonly string[]): void {
  for (const expression of expressions) if (!isNone(expression)) parseThreshold(expression);
}

/** The threshold expressions of a run, checked; flags replace those of the plan. */
export function resolveThresholds(
  { data, at }: PlanInput,
  flags: PlanFlags,
  requests: readonly RequestSpec[],
): readonly string[] {
  const names = requests.map(({ name }) => name);
  const expressions = (flags.thresholds ?? data.thresholds ?? []).map((text) => text.trim());
  const judged = expressions.flatMap((expression, index) => {
    if (isNone(expression)) return [];
    if (flags.thresholds !== undefined)
      return [checkedThreshold(expression, names, FLAG_LABEL.thresholds)];
    return [at(['thresholds', index], (label) => checkedThreshold(expression, names, label))];
  });
  const wantsDefault =
    !expressions.some(isNone) &&
    !judged.some(({ isErrorRate, endpoint }) => isErrorRate && endpoint === null);
  const kept = judged.map(({ expression }) => expression);
  return wantsDefault ? [...kept, DEFAULT_THRESHOLD] : kept;
}

/**
 * The same for a script, whose requests have names only once they are sent. By default its iterations are judged too: one
 * that throws fails, although its requests may have been answered.
 */
export function resolveScriptThresholds(
  { data, at }: PlanInput,
  flags: PlanFlags,
): readonly string[] {
  const expressions = (flags.thresholds ?? data.thresholds ?? []).map((text) => text.trim());
  const judged = expressions.flatMap((expression, index) =>
    isNone(expression) ? [] : [at(['thresholds', index], () => parseThreshold(expression))],
  );
  const kept = judged.map(({ expression }) => expression);
  if (expressions.some(isNone)) return kept;
  const isJudged = (kind: string): boolean =>
    judged.some(({ metric, endpoint }) => metric.kind === kind && endpoint === null);
  return [
    ...kept,
    ...(isJudged('error-rate') ? [] : [DEFAULT_THRESHOLD]),
    ...(isJudged('iteration-error-rate') ? [] : [DEFAULT_ITERATION_THRESHOLD]),
  ];
}

function isNone(expression: string): boolean {
  return expression.trim().toLowerCase() === NONE;
}

/** What each metric of scripts is called in messages. */
const ONLY_SCRIPTS: Partial<Record<Threshold['metric']['kind'], string>> = {
  checks: 'checks',
  counter: 'counters',
  timing: 'timings',
  iteration: 'iterations',
  iterations: 'iterations',
  'iteration-error-rate': 'iterations',
};

function checkedThreshold(expression: string, names: readonly string[], label: string): Threshold {
  const threshold = parseThreshold(expression);
  const { endpoint, metric } = threshold;
  const what = ONLY_SCRIPTS[metric.kind];
  if (what !== undefined) {
    throw thresholdFault(
      `only scenarios have ${what}`,
      expression,
      label,
      'Judge the error rate or the latency instead.',
    );
  }
  if (endpoint === null || names.includes(endpoint)) return threshold;
  throw thresholdFault(
    `no request is called ${quoted(endpoint)}`,
    expression,
    label,
    `${didYouMean(endpoint, names)}Requests are ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`,
  );
}

function thresholdFault(
  cause: string,
  expression: string,
  label: string,
  remedy: string,
): PlanError {
  return new PlanError({
    code: 'PLAN_THRESHOLD',
    problem: 'Threshold without a subject',
    cause,
    where: `${label} ${quoted(expression)}`,
    remedy,
  });
}
