import type { Plan } from '@needletail/load';
import type { Gates } from './gates.ts';
import { measure } from './measure.ts';
import { prime, startOracle } from './oracle.ts';
import type { Oracle } from './oracle.ts';
import { atRate, plainPlan } from './plain-plan.ts';
import { andersonDarlingExponential, binCounts, fanoFactor, rankOf } from './sample-statistics.ts';

const BIN_MS = 100;
/** A² past which gaps are not exponential, at the 1% level (Stephens 1974, nothing estimated). */
const ANDERSON_DARLING_LIMIT = 3.857;
const WORKERS = [1, 2, 4] as const;

/** 100 requests a second, evenly: ten in each tenth of a second as the server sees it, none empty, none a burst. */
export async function checkEvenPacing(gates: Gates): Promise<void> {
  const rate = 100;
  const seconds = 20;
  const { arrivedMs, latenessP99Ms } = await arrivalsOf(
    gates,
    plainPlan('', atRate(rate, seconds)),
  );
  gates.equal('even 100/s: requests', arrivedMs.length, rate * seconds);
  // Half a gap before the first arrival, so that none falls on the edge of a bin.
  const origin = arrivedMs[0]! - 500 / rate;
  const counts = binCounts(arrivedMs, origin, BIN_MS, (seconds * 1000) / BIN_MS);
  gates.equal('even 100/s: empty bins of 100 ms', counts.filter((count) => count === 0).length, 0);
  gates.below('even 100/s: Fano factor of the bins', fanoFactor(counts), 0.05);
  const offSchedule = arrivedMs.map((at, n) => Math.abs(at - arrivedMs[0]! - (n * 1000) / rate));
  gates.below('even 100/s: off the schedule at p99, ms', rankOf(offSchedule.toSorted(), 0.99), 1);
  gates.below('even 100/s: sent late at p99, ms', latenessP99Ms, 1);
}

/**
 * Poisson arrivals: exponential gaps, and counts in bins that vary as much as they are large. The rate is low enough for
 * the microseconds by which an arrival is off to be small against the gaps.
 */
export async function checkPoissonPacing(gates: Gates): Promise<void> {
  const rate = 100;
  const seconds = 30;
  const plan = plainPlan('', atRate(rate, seconds, 'poisson'));
  const { arrivedMs, latenessP99Ms } = await arrivalsOf(gates, plan);
  const gaps = arrivedMs.subarray(1).map((at, n) => at - arrivedMs[n]!);
  const counts = binCounts(arrivedMs, arrivedMs[0]!, BIN_MS, (seconds * 1000) / BIN_MS);
  // Over 300 bins the factor of a true Poisson process strays by 0.08 (one deviation).
  gates.near('Poisson 100/s: Fano factor of the bins', fanoFactor(counts), 1, 0.25);
  const squared = andersonDarlingExponential(gaps, 1000 / rate);
  gates.below('Poisson 100/s: Anderson-Darling A2 of the gaps', squared, ANDERSON_DARLING_LIMIT);
  gates.below('Poisson 100/s: sent late at p99, ms', latenessP99Ms, 1);
}

/** The same total and the same bins whatever the number of workers. */
export async function checkRateInvariance(gates: Gates): Promise<void> {
  const rate = 100;
  const seconds = 6;
  const oracle = await startOracle();
  try {
    await prime(oracle);
    let first: readonly number[] | null = null;
    for (const workers of WORKERS) {
      const plan = plainPlan('', atRate(rate, seconds), { workers });
      const { arrivedMs } = await arrivalsOf(gates, plan, oracle);
      const origin = arrivedMs[0]! - 500 / rate;
      const counts = binCounts(arrivedMs, origin, BIN_MS, (seconds * 1000) / BIN_MS);
      first ??= counts;
      const different = counts.filter((count, bin) => count !== first![bin]).length;
      gates.equal(`${workers} workers: requests`, arrivedMs.length, rate * seconds);
      gates.equal(`${workers} workers: bins unlike those of one`, different, 0);
    }
  } finally {
    await oracle.stop();
  }
}

async function arrivalsOf(
  gates: Gates,
  plan: Plan,
  oracle?: Oracle,
): Promise<{ arrivedMs: Float64Array; latenessP99Ms: number }> {
  const server = oracle ?? (await startOracle());
  try {
    if (oracle === undefined) await prime(server);
    const requests = plan.requests.map((request) => ({ ...request, url: server.url }));
    const { summary, log } = await measure(gates, server, {
      ...plan,
      target: server.url,
      requests,
    });
    return { arrivedMs: log.arrivedMs.toSorted(), latenessP99Ms: summary.generator.latenessMs.p99 };
  } finally {
    if (oracle === undefined) await server.stop();
  }
}
