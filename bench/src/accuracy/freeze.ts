import { setTimeout as sleep } from 'node:timers/promises';
import type { Gates } from './gates.ts';
import { measure } from './measure.ts';
import { prime, startOracle } from './oracle.ts';
import type { OracleLog } from './oracle.ts';
import { atRate, plainPlan } from './plain-plan.ts';
import { meanOf, rankOf } from './sample-statistics.ts';

const RATE = 500;
const SECONDS = 20;
const FREEZE_AT_MS = 8000;
const FREEZE_MS = 1400;
/** All open beforehand: accepting hundreds more after the stop would take a server tens of milliseconds. */
const CONNECTIONS = 100;
const ALLOWED = 0.05;
const QUANTILES = [0.95, 0.99, 0.999] as const;

/**
 * Stops the server with a signal in the middle of a run at a constant rate. A request due while it is stopped waits for
 * what is left of the stop: that is what must be reported, however many requests the generator could send meanwhile.
 */
export async function checkFreeze(gates: Gates): Promise<void> {
  const oracle = await startOracle();
  try {
    await prime(oracle);
    const plan = plainPlan(oracle.url, atRate(RATE, SECONDS), {
      connections: CONNECTIONS,
      preopen: CONNECTIONS,
    });
    let seconds = 0;
    const { summary, latency, log } = await measure(gates, oracle, plan, {
      during: async () => {
        seconds = (await freezeOnce(oracle.pid)) / 1000;
      },
    });
    const truth = latenciesFromDueMs(log, RATE);
    gates.equal('freeze: requests counted', summary.ledger.ok, log.answeredMs.length);
    for (const q of QUANTILES) {
      const measured = latency.quantile(q) / 1000;
      const closedForm = 1000 * seconds * (1 - ((1 - q) * SECONDS) / seconds);
      gates.within(
        `freeze: p${q * 100} against the server's log, ms`,
        measured,
        rankOf(truth, q),
        ALLOWED,
      );
      gates.within(
        `freeze: p${q * 100} against the closed form, ms`,
        measured,
        closedForm,
        ALLOWED,
      );
    }
    const expectedMean = (1000 * seconds ** 2) / (2 * SECONDS) + rankOf(truth, 0.5);
    gates.within(
      "freeze: mean against the server's log, ms",
      latency.mean / 1000,
      meanOf(truth),
      ALLOWED,
    );
    gates.within(
      'freeze: mean against the closed form, ms',
      latency.mean / 1000,
      expectedMean,
      ALLOWED,
    );
  } finally {
    await oracle.stop();
  }
}

/** Stops the process a while from now; gives how long it was stopped. */
async function freezeOnce(pid: number): Promise<number> {
  await sleep(FREEZE_AT_MS);
  process.kill(pid, 'SIGSTOP');
  const stoppedAt = performance.now();
  await sleep(FREEZE_MS);
  process.kill(pid, 'SIGCONT');
  return performance.now() - stoppedAt;
}

/**
 * From when each request of an even schedule was due to when the server answered it, ascending. The schedule's origin is
 * where the least delayed arrival puts it, so the way there and back is not in it. The first `skipped` are left out.
 */
export function latenciesFromDueMs(log: OracleLog, rate: number, skipped = 0): Float64Array {
  const gapMs = 1000 / rate;
  const arrived = log.arrivedMs.toSorted();
  const originMs = arrived.reduce((least, at, n) => Math.min(least, at - n * gapMs), Infinity);
  const answered = log.answeredMs.toSorted();
  return answered
    .map((at, n) => at - originMs - n * gapMs)
    .subarray(skipped)
    .toSorted();
}
