import { runLoad } from '@needletail/load';
import { latenciesFromDueMs } from './freeze.ts';
import type { Gates } from './gates.ts';
import { measure } from './measure.ts';
import { startOracle } from './oracle.ts';
import { atRate, plainPlan, withUsers } from './plain-plan.ts';
import { rankOf } from './sample-statistics.ts';

const CONNECTIONS = 50;
const SECONDS = 8;
/** A server that has just started is compiled while it answers: that is no part of the question. */
const WARM_UP_MS = 3000;
const ALLOWED_MS = 0.1;
/** By this much lateness a run becomes invalid where latencies are small. */
const ALLOWED_LATE_MS = 1;

/**
 * What the generator puts on top, at half of what the pair of generator and server can do: from the answer leaving the
 * server to our clock, at p99, and how late we sent.
 */
export async function checkAddedLatency(gates: Gates): Promise<void> {
  const oracle = await startOracle();
  try {
    const flatOut = await runLoad(plainPlan(oracle.url, withUsers(CONNECTIONS, 3)));
    const rate = Math.floor(flatOut.summary.throughput.requestsPerSecond / 2);
    const plan = plainPlan(oracle.url, atRate(rate, SECONDS), {
      connections: CONNECTIONS,
      warmupMs: WARM_UP_MS,
    });
    const { summary, latency, log } = await measure(gates, oracle, plan);
    const truth = latenciesFromDueMs(log, rate, (rate * WARM_UP_MS) / 1000);
    gates.note(
      `half of capacity is ${rate}/s; latency p50 ${summary.latencyMs.p50} ms, p99 ${summary.latencyMs.p99} ms, ` +
        `server's log p50 ${rankOf(truth, 0.5).toFixed(3)} ms, p99 ${rankOf(truth, 0.99).toFixed(3)} ms, ` +
        `floor p50 ${summary.generator.floorMs.p50} ms, p99 ${summary.generator.floorMs.p99} ms`,
    );
    for (const q of [0.5, 0.99]) {
      gates.below(
        `added at p${q * 100}, ms`,
        latency.quantile(q) / 1000 - rankOf(truth, q),
        ALLOWED_MS,
      );
    }
    gates.below('sent late at p99, ms', summary.generator.latenessMs.p99, ALLOWED_LATE_MS);
  } finally {
    await oracle.stop();
  }
}
