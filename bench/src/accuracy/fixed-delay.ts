import type { Gates } from './gates.ts';
import { latenciesFromDueMs } from './freeze.ts';
import { measure } from './measure.ts';
import { prime, startOracle } from './oracle.ts';
import { atRate, plainPlan } from './plain-plan.ts';
import { rankOf } from './sample-statistics.ts';

const CASES: readonly { readonly delayMs: number; readonly rates: readonly number[] }[] = [
  { delayMs: 1, rates: [100, 1000, 3000] },
  { delayMs: 5, rates: [100, 1000, 3000] },
  { delayMs: 50, rates: [100, 1000] },
  { delayMs: 500, rates: [20, 200] },
];
const SECONDS = 6;
/** Left out: in the first second code is still being compiled, on both sides, for want of a third core on one of theirs. */
const WARM_UP_MS = 2000;
/** Below this many requests a second both sides rest between them. */
const RESTFUL_RATE = 500;
/** On top of the floor that each run prints. */
const ALLOWED_MS = 0.3;

/** A server that takes the same time for every request, at several rates; the truth is how long it really truth. */
export async function checkFixedDelays(gates: Gates): Promise<void> {
  for (const { delayMs, rates } of CASES) {
    const oracle = await startOracle({ delay: { kind: 'constant', delayMs } });
    try {
      await prime(oracle);
      for (const rate of rates) {
        const plan = plainPlan(oracle.url, atRate(rate, SECONDS), {
          preopen: 150,
          warmupMs: WARM_UP_MS,
        });
        const { summary, latency, log } = await measure(gates, oracle, plan, {
          awake: rate < RESTFUL_RATE,
        });
        const truth = latenciesFromDueMs(log, rate, (rate * WARM_UP_MS) / 1000);
        const { floorMs } = summary.generator;
        const name = `${delayMs} ms at ${rate}/s`;
        gates.equal(`${name}: count`, summary.latencyMs.count, truth.length);
        gates.near(
          `${name}: p50, ms`,
          latency.quantile(0.5) / 1000,
          rankOf(truth, 0.5),
          ALLOWED_MS + floorMs.p50,
        );
        gates.near(
          `${name}: p99, ms`,
          latency.quantile(0.99) / 1000,
          rankOf(truth, 0.99),
          ALLOWED_MS + floorMs.p99,
        );
        gates.below(`${name}: sent late at p99, ms`, summary.generator.latenessMs.p99, 1);
        const least = latency.min / 1000;
        gates.check({
          name: `${name}: least, ms`,
          measured: least,
          truth: delayMs,
          gate: 'never below',
          passes: least >= delayMs,
        });
      }
    } finally {
      await oracle.stop();
    }
  }
}
