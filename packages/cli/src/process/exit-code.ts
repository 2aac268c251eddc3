import type { RunSummary } from '@needletail/load/summary';

/** How the command ends; scripts and CI rely on these. */
export const exitCodes = {
  passed: 0,
  failed: 1,
  usage: 2,
  invalid: 3,
} as const;

/** By the verdict alone: invalid beats failed, because a run that measured nothing proves no failure either. */
export function exitCodeOf({ verdict }: RunSummary): number {
  switch (verdict.status) {
    case 'pass':
      return exitCodes.passed;
    case 'fail':
      return exitCodes.failed;
    case 'invalid':
      return exitCodes.invalid;
  }
}
