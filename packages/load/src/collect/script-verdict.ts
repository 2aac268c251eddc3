import { formatCount } from '../plan/count.ts';
import { didYouMean } from '../plan/suggest.ts';
import { iterationImbalanceOf } from './iteration-ledger.ts';
import type { IterationLedger, RunSummary, ScriptError, ThresholdResult } from './run-summary.ts';
import { parseThreshold } from './threshold.ts';

/** Errors and checks named one by one. */
const MOST_NAMED = 3;
/** Heaps that grow by less than this may hold no more than caches and code. */
const TOLERATED_GROWTH_BYTES = 64 * 1024 * 1024;

/** What a verdict needs to know of scripts. */
export interface ScriptFacts {
  readonly iterations: IterationLedger;
  readonly checks: RunSummary['checks'];
  /** Most frequent first. */
  readonly errors: readonly ScriptError[];
  /** What was named in the run, by which thresholds may name it too. */
  readonly names: {
    readonly endpoints: readonly string[];
    readonly checks: readonly string[];
    readonly counters: readonly string[];
    readonly timings: readonly string[];
  };
  /** More endpoints than are kept apart. */
  readonly hasMoreEndpoints: boolean;
  readonly heapGrowthBytes: number | null;
  /** Sentences that the run itself has to say: a scenario hung, a feed ran out, `stop()` was called. */
  readonly failures?: readonly string[];
  readonly remarks?: readonly string[];
}

/** Reasons why a run of scripts measured nothing or miscounted. */
export function scriptReasonsNotToBelieve({ iterations }: ScriptFacts): string[] {
  const imbalance = iterationImbalanceOf(iterations);
  const reasons: string[] = [];
  if (imbalance !== 0) {
    reasons.push(
      `The iterations do not add up by ${imbalance}: this is a bug in needletail. Please report it.`,
    );
  }
  if (iterations.scheduled === 0) {
    reasons.push(
      'No iteration was begun, so there is nothing to judge. Run for longer or at a higher rate.',
    );
  }
  return reasons;
}

/** Reasons why a run of scripts failed that no threshold speaks of. */
export function scriptFailures({ errors, failures = [] }: ScriptFacts): string[] {
  const unhandled = errors
    .filter(({ unhandled }) => unhandled)
    .slice(0, MOST_NAMED)
    .map(
      (error) =>
        `A promise was rejected that nobody awaited, ${timesOf(error.count)}: ${sentence(error)} ` +
        'Await it, or handle its error.',
    );
  return [...failures, ...unhandled];
}

/** What is worth knowing of scripts whatever the verdict. */
export function scriptRemarks(
  facts: ScriptFacts,
  thresholds: readonly ThresholdResult[],
): string[] {
  const { iterations, hasMoreEndpoints, heapGrowthBytes } = facts;
  const said = [...errorRemarks(facts), ...checkRemarks(facts, thresholds)];
  said.push(...(facts.remarks ?? []));
  if (iterations.dropped > 0) {
    said.push(
      `${formatCount(iterations.dropped)} iterations were due but never begun; they count as errors of iterations.`,
    );
  }
  if (hasMoreEndpoints) {
    said.push(
      `Requests had more than ${facts.names.endpoints.length} names; those that came later are counted together as ` +
        `"other endpoints". Give requests a name that leaves out what changes: { name: 'GET /cart/:id' }.`,
    );
  }
  if (heapGrowthBytes !== null && heapGrowthBytes > TOLERATED_GROWTH_BYTES) {
    said.push(
      `The scripts leaked: they held ${megabytes(heapGrowthBytes)} more at the end of the run than at its start. ` +
        'Look for lists and maps that live longer than an iteration, and for session.',
    );
  }
  return said;
}

/** For a threshold that had nothing to judge: whether the name it speaks of occurred, and what it may have meant. */
export function missingSubject(expression: string, { names }: ScriptFacts): string | null {
  const { endpoint, metric } = parseThreshold(expression);
  if (endpoint !== null) return unknownName('request', endpoint, names.endpoints);
  if (metric.kind === 'timing') return unknownName('timing', metric.name, names.timings);
  if (metric.kind === 'counter') return unknownName('counter', metric.name, names.counters);
  if (metric.kind !== 'checks') return null;
  return metric.name === null
    ? 'nothing was checked.'
    : unknownName('check', metric.name, names.checks);
}

function unknownName(what: string, name: string, known: readonly string[]): string | null {
  const named = known.filter((each) => each !== '');
  if (named.includes(name)) return null;
  return `no ${what} was called ${JSON.stringify(name)}. ${didYouMean(name, named)}`.trimEnd();
}

function errorRemarks({ errors }: ScriptFacts): string[] {
  const thrown = errors.filter(({ unhandled }) => !unhandled);
  const said = thrown
    .slice(0, MOST_NAMED)
    .map(
      (error) =>
        `Scenario ${JSON.stringify(error.scenario)} failed ${timesOf(error.count)}: ${sentence(error)}`,
    );
  const more = thrown.length - said.length;
  if (more > 0)
    said.push(`${more} more ${more === 1 ? 'kind' : 'kinds'} of script errors occurred.`);
  return said;
}

/** Which checks failed, when that is what the run failed by. */
function checkRemarks({ checks }: ScriptFacts, thresholds: readonly ThresholdResult[]): string[] {
  const failedByChecks = thresholds.some(
    ({ ok, expression }) => !ok && parseThreshold(expression).metric.kind === 'checks',
  );
  if (!failedByChecks) return [];
  return checks
    .filter(({ failed }) => failed > 0)
    .toSorted((left, right) => right.failed - left.failed)
    .slice(0, MOST_NAMED)
    .map(
      ({ name, passed, failed }) =>
        `Check ${JSON.stringify(name)} failed ${formatCount(failed)} of ${timesOf(passed + failed)}.`,
    );
}

/** Message and place of an error, with a full stop. */
function sentence({ message, stack }: ScriptError): string {
  // Calls outside of the scenario, folded to a line, may stand above the first that is its own.
  const own = stack.find((line) => line.startsWith('at ')) ?? '';
  const place = /\(([^()]+:\d+(?::\d+)?)\)$|at ([^() ]+:\d+(?::\d+)?)$/.exec(own);
  const where = place === null ? '' : ` (${place[1] ?? place[2]})`;
  return `${message.replace(/\.$/, '')}${where}.`;
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${formatCount(count)} times`;
}

function megabytes(sizeBytes: number): string {
  return `${formatCount(Math.round(sizeBytes / 1e6))} MB`;
}
