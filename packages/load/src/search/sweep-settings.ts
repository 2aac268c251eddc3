import { parseCount, parseRate } from '../plan/count.ts';
import { parseDuration } from '../plan/duration.ts';
import { PlanError, quoted } from '../plan/errors.ts';
import { checkedAbove, checkedCount, checkedDuration } from '../plan/setting.ts';

/** What a sweep is asked for, as written on the command line. */
export interface SweepFlags {
  /** `1..512` doubles from the first to the last; `1,10,50` is a list. */
  readonly users?: string | undefined;
  /** `100,200,400`, or `100..6400`. */
  readonly rates?: string | undefined;
  readonly stepDuration?: string | undefined;
  readonly repeats?: string | undefined;
  readonly shuffle?: boolean | undefined;
  readonly confidence?: string | undefined;
}

/** A sweep, checked. */
export interface SweepSettings {
  readonly kind: 'users' | 'rate';
  /** Ascending, each once. */
  readonly amounts: readonly number[];
  readonly stepMs: number;
  readonly repeats: number;
  /** Levels in random order: what drifts with time is then not taken for an effect of the load. */
  readonly shuffle: boolean;
  readonly confidence: number;
}

const USERS = { least: 1, most: 100_000 };
const RATE = { least: 0, most: 10_000_000 };
const STEP_MS = { least: 500, most: 3_600_000 };
const REPEATS = { least: 1, most: 100 };
const MOST_LEVELS = 200;

/** Checks a sweep and fills in defaults: 1 to 256 users in powers of two, 3 s each, once. */
export function resolveSweep(flags: SweepFlags): SweepSettings {
  if (flags.users !== undefined && flags.rates !== undefined)
    throw fault('both say what the levels are', '--users and --rates', 'Give one of them.');
  const kind = flags.rates === undefined ? 'users' : 'rate';
  const label = kind === 'users' ? '--users' : '--rates';
  const read = (text: string): number =>
    kind === 'users'
      ? checkedCount(parseCount(text, label), label, USERS)
      : checkedAbove(parseRate(text, label), label, RATE);
  const amounts = levelsOf(flags.rates ?? flags.users ?? '1..256', label, read);
  const repeats = parseCount(flags.repeats ?? 1, '--repeats');
  const confidence = Number((flags.confidence ?? '95%').replace(/%$/, ''));
  if (!(confidence >= 50 && confidence <= 99.9))
    throw fault(
      `${quoted(flags.confidence ?? '')} is no share from 50% to 99.9%`,
      '--confidence',
      'Write it like 95%.',
    );
  const stepMs = parseDuration(flags.stepDuration ?? '3s', '--step-duration');
  return {
    kind,
    amounts,
    stepMs: checkedDuration(stepMs, '--step-duration', STEP_MS),
    repeats: checkedCount(repeats, '--repeats', REPEATS),
    shuffle: flags.shuffle ?? false,
    confidence: confidence / 100,
  };
}

function levelsOf(text: string, label: string, read: (text: string) => number): number[] {
  const range = /^([^,]+?)\.\.([^,]+)$/.exec(text);
  const amounts =
    range === null ? text.split(',').map((part) => read(part)) : doublings(range, label, read);
  if (amounts.length > MOST_LEVELS)
    throw fault(`${amounts.length} levels are more than ${MOST_LEVELS}`, label, 'Give fewer.');
  return [...new Set(amounts)].sort((a, b) => a - b);
}

function doublings(
  [, first, last]: RegExpExecArray,
  label: string,
  read: (text: string) => number,
): number[] {
  const [from, to] = [read(first), read(last)];
  if (to < from) throw fault(`${last} is less than ${first}`, label, 'Write the lower one first.');
  const amounts: number[] = [];
  for (let amount = from; amount < to; amount *= 2) amounts.push(amount);
  return [...amounts, to];
}

function fault(cause: string, where: string, remedy: string): PlanError {
  return new PlanError({ code: 'PLAN_LOAD', problem: 'Sweep not usable', cause, where, remedy });
}
