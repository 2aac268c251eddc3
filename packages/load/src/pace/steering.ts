import type { Plan } from '../plan/plan.ts';
import { createPacer } from './pacer.ts';
import { SteeredArrivals } from './steered-arrivals.ts';
import { SteeredUsers } from './steered-users.ts';
import { precedeArrivals, precedeUsers, warmUpRequests } from './warm-up.ts';

/**
 * A change to a run under way. `atMs` counts from its start, warm-up included: all threads make the change at the same
 * moment of the whole schedule, of which each then has its share.
 */
export type SteeringStep =
  | { readonly action: 'pause'; readonly atMs: number }
  | { readonly action: 'resume'; readonly atMs: number }
  | {
      readonly action: 'set';
      readonly atMs: number;
      /** Users or requests per second of each stream from then on; null leaves that one as it is. */
      readonly levels: readonly (number | null)[];
    };

/** The whole schedule of one stream, before it is shared between threads. */
export type SteeredPacer = SteeredArrivals | SteeredUsers;

/** The schedule of a plan or of one stream of it, warm-up included, as one that can be changed. */
export function steerable(
  plan: Pick<Plan, 'load' | 'maxRequests' | 'seed'>,
  warmUpMs: number,
): SteeredPacer {
  const pacer = createPacer(plan);
  if (pacer.model === 'closed') return new SteeredUsers(precedeUsers(pacer, warmUpMs));
  const { maxRequests } = plan;
  const limit = maxRequests === null ? null : maxRequests + warmUpRequests(pacer, warmUpMs);
  return new SteeredArrivals(precedeArrivals(pacer, warmUpMs), limit);
}

/** Makes a change to the schedule of stream number `stream`; steps come in the order of their times. */
export function steer(pacer: SteeredPacer, step: SteeringStep, stream: number): void {
  if (step.action === 'pause') pacer.time.pause(step.atMs);
  else if (step.action === 'resume') pacer.time.resume(step.atMs);
  else {
    const level = step.levels[stream] ?? null;
    if (level !== null) pacer.setLevel(level, step.atMs);
  }
}

/** Users or requests per second that stream wants at that time. */
export function levelAt(pacer: SteeredPacer, elapsedMs: number): number {
  return pacer.model === 'open' ? pacer.rateAt(elapsedMs) : pacer.usersAt(elapsedMs);
}
