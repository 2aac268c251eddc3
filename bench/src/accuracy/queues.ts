import type { Gates } from './gates.ts';
import { measure } from './measure.ts';
import { prime, startOracle } from './oracle.ts';
import { atRate, plainPlan } from './plain-plan.ts';
import type { Queue } from './queue-theory.ts';
import {
  ratePerSecond,
  samplePathMs,
  serviceOf,
  sojournMeanMs,
  sojournQuantileMs,
  typicalSeed,
} from './queue-theory.ts';
import { meanOf, rankOf } from './sample-statistics.ts';

/**
 * Long beside what a request costs two processes that sleep between requests, which theory knows nothing of: on a virtual
 * machine of 2026-11-30 a bare `node:net` client added 0.4 ms at 125 requests a second and 0.8 ms at 25, a tenth of 4 ms.
 */
const SERVICE_MS = 50;
const SECONDS = 80;
const SEEDS_TRIED = 2000;
const UTILISATIONS = [0.5, 0.8, 0.9] as const;
const ALLOWED_OF_PATH = 0.05;
const ALLOWED_OF_THEORY = 0.08;

/**
 * A server with a queue, under Poisson arrivals. Theory gives the distribution of the time in it only for arrivals that
 * do not wait for answers: a closed loop, or one that is late when the server is slow, misses it by far.
 */
export async function checkQueues(gates: Gates): Promise<void> {
  for (const kind of ['M/M/1', 'M/D/1'] as const) {
    for (const utilisation of UTILISATIONS) {
      await checkQueue(gates, { kind, serviceMs: SERVICE_MS, utilisation });
    }
  }
}

async function checkQueue(gates: Gates, queue: Queue): Promise<void> {
  const seed = typicalSeed(queue, SECONDS, SEEDS_TRIED);
  const path = samplePathMs(queue, seed, SECONDS);
  const oracle = await startOracle({ delay: serviceOf(queue), isQueue: true, seed });
  try {
    await prime(oracle);
    const load = atRate(ratePerSecond(queue), SECONDS, 'poisson');
    const plan = plainPlan(oracle.url, load, { seed, preopen: 200 });
    const { summary, latency } = await measure(gates, oracle, plan, { awake: true });
    const name = `${queue.kind} at ${queue.utilisation}`;
    gates.equal(`${name}: requests, seed ${seed}`, summary.ledger.ok, path.length);
    for (const q of [0.5, 0.99]) {
      const measured = latency.quantile(q) / 1000;
      gates.within(
        `${name}: p${q * 100} against its path, ms`,
        measured,
        rankOf(path, q),
        ALLOWED_OF_PATH,
      );
      gates.within(
        `${name}: p${q * 100} against theory, ms`,
        measured,
        sojournQuantileMs(queue, q),
        ALLOWED_OF_THEORY,
      );
    }
    gates.within(
      `${name}: mean against its path, ms`,
      latency.mean / 1000,
      meanOf(path),
      ALLOWED_OF_PATH,
    );
    gates.note(`${' '.repeat(4)}mean in theory ${sojournMeanMs(queue).toFixed(2)} ms`);
  } finally {
    await oracle.stop();
  }
}
