import { PlanError } from '../plan/errors.ts';

/** A PlanError about a feed; `where` is the file, with line and column where there are any. */
export function feedFault(
  problem: string,
  cause: string,
  where: string,
  remedy: string,
  options?: ErrorOptions,
): PlanError {
  return new PlanError({ code: 'PLAN_FEED', problem, cause, where, remedy }, null, options);
}
