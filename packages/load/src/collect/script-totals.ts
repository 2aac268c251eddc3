import { Histogram } from '@needletail/stats';
import { iterationsSoFar } from './iteration-ledger.ts';
import type { LiveScripts } from './run-summary.ts';
import { namesByPlace, type ScriptNames } from './script-names.ts';
import { ScriptTally } from './script-tally.ts';
import type { ScriptMetricsView } from './threshold.ts';

/** What the scripts of all threads have left behind so far, as the main thread looks at it. */
export class ScriptTotals {
  /** Sum of all threads at the last look. */
  readonly total: ScriptTally;
  readonly names: ScriptNames;
  /** Names of the plan's scenarios. */
  readonly scenarios: readonly string[];
  readonly #parts: readonly ScriptTally[];
  #endedBefore = 0;
  #atBefore = 0;
  #perSecond = 0;

  constructor(
    parts: readonly ScriptTally[],
    names: ScriptNames,
    scenarios: readonly { readonly name: string }[],
  ) {
    this.#parts = parts;
    this.names = names;
    this.scenarios = scenarios.map(({ name }) => name);
    this.total = new ScriptTally(scenarios.length);
  }

  /** Brings `total` up to date. */
  refresh(): void {
    this.total.becomeSumOf(this.#parts, this.names.timings.count);
  }

  /** Names of the endpoints so far, by their places in the tally of requests. */
  get endpointNames(): readonly string[] {
    return namesByPlace(this.names.endpoints, 'endpoints');
  }

  /** Ends an interval at `elapsedMs` since the start of measuring. */
  mark(elapsedMs: number): void {
    const { ok, failed } = iterationsSoFar(this.total);
    const ended = ok + failed;
    const seconds = Math.max(0.001, (elapsedMs - this.#atBefore) / 1000);
    // After the reset at the end of a warm-up there are fewer than before: the interval began with none.
    const between = ended >= this.#endedBefore ? ended - this.#endedBefore : ended;
    this.#perSecond = between / seconds;
    this.#endedBefore = ended;
    this.#atBefore = elapsedMs;
  }

  /** Forgets the intervals, as at the end of a warm-up. */
  restart(): void {
    this.#endedBefore = 0;
    this.#atBefore = 0;
  }

  get live(): LiveScripts {
    const { passed, failed } = this.total.checkOutcomes;
    return {
      iterations: iterationsSoFar(this.total),
      iterationsPerSecond: this.#perSecond,
      checks: { passed, failed },
    };
  }

  /** What thresholds see of `tally`, the total or the part of it that a window covers. */
  viewOf(tally: ScriptTally): ScriptMetricsView {
    const { checks, counters, timings } = this.names;
    return {
      iterations: iterationsSoFar(tally),
      get iterationDuration() {
        return durationOf(tally);
      },
      check: (name) => {
        if (name === null) return tally.checkOutcomes;
        const place = namesByPlace(checks, 'checks').indexOf(name);
        if (place === -1) return null;
        return { passed: tally.checks[2 * place]!, failed: tally.checks[2 * place + 1]! };
      },
      counter: (name) => tally.counters[namesByPlace(counters, 'counters').indexOf(name)] ?? null,
      timing: (name) => tally.timings[namesByPlace(timings, 'timings').indexOf(name)] ?? null,
    };
  }
}

/** Durations of the iterations of all scenarios, microseconds. */
export function durationOf(tally: ScriptTally): Histogram {
  const durations = new Histogram({ digits: 2 });
  for (const { duration } of tally.scenarios) durations.add(duration);
  return durations;
}
