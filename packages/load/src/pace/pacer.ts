import type { Plan } from '../plan/plan.ts';
import { evenArrivals, poissonArrivals } from './arrivals.ts';
import { rateCurveOf } from './rate-curve.ts';
import { userCurveOf } from './user-curve.ts';

/**
 * The open model: when each request is due, whatever the target does. Pure numbers, no clock; all times are
 * milliseconds since the start.
 */
export interface ArrivalPacer {
  readonly model: 'open';
  /** When request `n` (from 0) is due, Infinity past the last; cheap when asked in ascending order. */
  dueMs(n: number): number;
  /** Requests per second wanted at that time. */
  rateAt(elapsedMs: number): number;
  /** End of the schedule; Infinity when only a number of requests ends it. */
  readonly endMs: number;
  /** Requests in the whole schedule; null when there is no end to it, or chance decides (Poisson). */
  readonly total: number | null;
}

/** The closed model: how many users there are, each waiting for its answer before it asks again. */
export interface UserPacer {
  readonly model: 'closed';
  /** Users wanted at that time: none before the start, past the end as many as at the end. */
  usersAt(elapsedMs: number): number;
  readonly peakUsers: number;
  /** End of the run; Infinity when only a number of requests or iterations ends it. */
  readonly endMs: number;
  /** The first later time at which `usersAt` changes; Infinity when there is none. */
  nextChangeMs(elapsedMs: number): number;
}

/** The schedule of a plan. A limit on requests ends an open schedule; in the closed model the requests are counted as they go. */
export function createPacer(
  plan: Pick<Plan, 'load' | 'maxRequests' | 'seed'>,
): ArrivalPacer | UserPacer {
  const { load, maxRequests, seed } = plan;
  if (load.kind === 'rate' || load.kind === 'rate-stages') {
    const rates = rateCurveOf(load);
    return load.arrivals === 'poisson'
      ? poissonArrivals(rates, maxRequests, seed)
      : evenArrivals(rates, maxRequests);
  }
  const users = userCurveOf(load);
  return {
    model: 'closed',
    usersAt: (elapsedMs) => users.usersAt(elapsedMs),
    peakUsers: users.peakUsers,
    endMs: users.endMs,
    nextChangeMs: (elapsedMs) => users.nextChangeMs(elapsedMs),
  };
}

/** The part of a schedule that falls to one of several workers: every `workers`-th request, at its own time. */
export function shardArrivals(pacer: ArrivalPacer, worker: number, workers: number): ArrivalPacer {
  if (workers === 1) return pacer;
  return {
    model: 'open',
    dueMs: (n) => pacer.dueMs(n * workers + worker),
    rateAt: (elapsedMs) => pacer.rateAt(elapsedMs) / workers,
    // Read when asked for: steering moves them.
    get endMs() {
      return pacer.endMs;
    },
    get total() {
      return pacer.total === null ? null : shareOf(pacer.total, worker, workers);
    },
  };
}

/** The part of the users that falls to one of several workers; at every moment the parts add up to the whole. */
export function shardUsers(pacer: UserPacer, worker: number, workers: number): UserPacer {
  if (workers === 1) return pacer;
  const usersAt = (elapsedMs: number): number => shareOf(pacer.usersAt(elapsedMs), worker, workers);
  return {
    model: 'closed',
    usersAt,
    get peakUsers() {
      return shareOf(pacer.peakUsers, worker, workers);
    },
    get endMs() {
      return pacer.endMs;
    },
    nextChangeMs: (elapsedMs) => {
      const users = usersAt(elapsedMs);
      let atMs = pacer.nextChangeMs(elapsedMs);
      while (atMs !== Infinity && usersAt(atMs) === users) atMs = pacer.nextChangeMs(atMs);
      return atMs;
    },
  };
}

/** One worker's share of a whole number; the first workers take what is left over. */
export function shareOf(whole: number, worker: number, workers: number): number {
  return Math.floor((whole + workers - 1 - worker) / workers);
}
