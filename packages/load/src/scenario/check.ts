import type { ScriptNames } from '../collect/script-names.ts';
import type { ScriptTally } from '../collect/script-tally.ts';
import type { Checks } from './definition.ts';
import { RequestRecord } from './request-record.ts';
import { shown, wrongCall } from './script-error.ts';

/** Where outcomes are counted, and who is told that something other than an answer was not as it should be. */
export interface CheckPlace {
  readonly names: ScriptNames;
  readonly tally: ScriptTally;
  /** Whether outcomes count: of a check of the answer to `record`, or of something else. */
  measures(record: RequestRecord | null): boolean;
  failIteration(): void;
}

/**
 * Counts the outcome of each predicate under its name. One that is not met turns the request that `value` answers to failed;
 * where `value` is no answer, it fails the iteration. A predicate that throws counts as not met, and what it threw goes on
 * to the scenario once all have been asked.
 */
export function check<Value>(place: CheckPlace, value: Value, checks: Checks<Value>): boolean {
  if (typeof checks !== 'object' || checks === null) {
    throw wrongCall('Nothing to check', `${shown(checks)} is no object`, 'check', HOW);
  }
  const record = RequestRecord.of(value);
  const isMeasured = place.measures(record);
  let allHeld = true;
  let thrown: unknown;
  let hasThrown = false;
  for (const name in checks) {
    let holds = false;
    try {
      holds = outcomeOf(checks[name]!, value, name);
    } catch (error) {
      if (!hasThrown) thrown = error;
      hasThrown = true;
    }
    if (isMeasured) place.tally.checked(place.names.check(name), holds);
    if (holds) continue;
    allHeld = false;
    if (record === null) place.failIteration();
    else record.failCheck(name);
  }
  if (hasThrown) throw thrown;
  return allHeld;
}

function outcomeOf<Value>(
  predicate: (value: Value) => unknown,
  value: Value,
  name: string,
): boolean {
  if (typeof predicate !== 'function') {
    throw wrongCall(
      'Nothing to check',
      `${shown(predicate)} is no function`,
      `check '${name}'`,
      HOW,
    );
  }
  const outcome = predicate(value);
  if (typeof outcome !== 'object' || outcome === null || !('then' in outcome))
    return Boolean(outcome);
  // A promise is always true: the check would never fail.
  const remedy = 'Await it before the check, and check what it gave';
  throw wrongCall('Check cannot wait', 'it gave a promise', `check '${name}'`, remedy);
}

const HOW = "Write it like check(response, { 'is ok': (r) => r.status === 200 })";
