import type { ThresholdResult } from '../collect/run-summary.ts';
import { parseThreshold, type Threshold } from '../collect/threshold.ts';
import { PlanError, quoted } from '../plan/errors.ts';
import type { LevelFigures } from './level.ts';

/** What every level must keep to count as held. */
export interface Objectives {
  /** As given, for reports. */
  readonly expressions: readonly string[];
  /** Those the run itself judges. */
  readonly thresholds: readonly string[];
  /** Upper limits of the share of requests that time out, in percent. */
  readonly timeouts: readonly { readonly expression: string; readonly limitPercent: number }[];
}

/** The stress test's own defaults: what most would call usable. */
export const DEFAULT_OBJECTIVES: readonly string[] = [
  'p95 < 500ms',
  'p99 < 1s',
  'error rate < 1%',
  'timeouts < 5%',
];

const TIMEOUTS = /^timeouts?(?:\s+rate)?\s*<\s*(\d+(?:\.\d+)?)\s*%$/i;

/**
 * Reads objectives: thresholds, and `timeouts < 5%`. A latency objective alone would call a target held that answers
 * nothing but errors, so `error rate < 1%` is added unless an error rate or `none` is given.
 */
export function parseObjectives(given: readonly string[]): Objectives {
  const wantsNone = given.some((expression) => /^\s*none\s*$/i.test(expression));
  const expressions = given
    .map((expression) => expression.trim())
    .filter((text) => !/^none$/i.test(text));
  const timeouts: Objectives['timeouts'][number][] = [];
  const thresholds: Threshold[] = [];
  for (const expression of expressions) {
    const limit = TIMEOUTS.exec(expression)?.[1];
    if (limit !== undefined) timeouts.push({ expression, limitPercent: Number(limit) });
    else thresholds.push(checked(parseThreshold(expression)));
  }
  const judged = thresholds.map(({ expression }) => expression);
  const isMissing = !thresholds.some(
    ({ isErrorRate, endpoint }) => isErrorRate && endpoint === null,
  );
  if (isMissing && !wantsNone) judged.push('error rate < 1%');
  if (judged.length + timeouts.length === 0) {
    throw new PlanError({
      code: 'PLAN_THRESHOLD',
      problem: 'Nothing to search for',
      cause: 'without an objective no load is too much',
      where: '--threshold none',
      remedy: "Give one besides, as in --threshold 'p95 < 200ms'.",
    });
  }
  const all = [...judged, ...timeouts.map(({ expression }) => expression)];
  return { expressions: all, thresholds: judged, timeouts };
}

/** The objectives a level did not keep, in the order they were given; an empty list when it kept all. */
export function brokenObjectives(
  figures: Pick<LevelFigures, 'ledger' | 'thresholds'>,
  objectives: Objectives,
): readonly ThresholdResult[] {
  const percent = timeoutPercentOf(figures);
  const timeouts = objectives.timeouts.map(({ expression, limitPercent }) => ({
    expression,
    actual: percent,
    ok: percent < limitPercent,
  }));
  return [...figures.thresholds, ...timeouts].filter(({ ok }) => !ok);
}

/** Failed, timed out and dropped, of all that ended. */
export function errorPercentOf({ ledger }: Pick<LevelFigures, 'ledger'>): number {
  const { scheduled, inFlight, failed, timedOut, dropped } = ledger;
  return percentOf(failed + timedOut + dropped, scheduled - inFlight);
}

export function timeoutPercentOf({ ledger }: Pick<LevelFigures, 'ledger'>): number {
  return percentOf(ledger.timedOut, ledger.scheduled - ledger.inFlight);
}

function percentOf(part: number, whole: number): number {
  return whole > 0 ? (100 * part) / whole : 0;
}

function checked(threshold: Threshold): Threshold {
  if (!threshold.abort) return threshold;
  throw new PlanError({
    code: 'PLAN_THRESHOLD',
    problem: 'Threshold without a use',
    cause: 'a search ends each level at its time, an objective cannot abort it',
    where: quoted(threshold.expression),
    remedy: 'Leave out ", abort".',
  });
}
