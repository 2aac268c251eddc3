import type { Gates } from './gates.ts';
import { measure } from './measure.ts';
import { prime, serviceTimesMs, startOracle } from './oracle.ts';
import type { OracleOptions } from './oracle.ts';
import { atRate, plainPlan } from './plain-plan.ts';
import { ksDistance } from './sample-statistics.ts';

const RATE = 500;
const SECONDS = 20;
const ALLOWED_DISTANCE = 0.02;

/**
 * Scales are tens of milliseconds, and no distribution has an atom: the way there and back, some 60 microseconds that
 * the log of the server cannot hold, would move an atom past itself and make the distance 1 however exact the clock.
 */
const DELAYS: Readonly<Record<string, NonNullable<OracleOptions['delay']>>> = {
  bimodal: {
    kind: 'mixture',
    usual: { kind: 'lognormal', medianMs: 20, sigma: 0.3 },
    rare: { kind: 'lognormal', medianMs: 150, sigma: 0.1 },
    rareShare: 0.1,
  },
  lognormal: { kind: 'lognormal', medianMs: 20, sigma: 0.6 },
  Pareto: { kind: 'pareto', minimumMs: 20, shape: 2.5 },
};

/** Latency distributions of several shapes, compared whole: the largest gap between ours and the server's log. */
export async function checkKnownDistributions(gates: Gates): Promise<void> {
  for (const [name, delay] of Object.entries(DELAYS)) {
    const oracle = await startOracle({ delay });
    try {
      await prime(oracle);
      const plan = plainPlan(oracle.url, atRate(RATE, SECONDS));
      const { latency, log } = await measure(gates, oracle, plan);
      const took = serviceTimesMs(log);
      gates.equal(`${name}: count`, latency.count, took.length);
      gates.below(
        `${name}: KS distance to the server's log`,
        ksDistance(latency, took),
        ALLOWED_DISTANCE,
      );
    } finally {
      await oracle.stop();
    }
  }
}
