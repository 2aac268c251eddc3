import type { SearchProgress } from '@needletail/load/search';
import { formatMs, formatPercent, formatRate } from '../figures.ts';
import { formatAmount } from './format-amount.ts';

/** A line when a level begins and one when it is judged; `levels` is their number where it is known beforehand. */
export function searchProgress(say: (line: string) => void, levels: number | null): SearchProgress {
  return {
    onLevelStart(level, role, step) {
      const number = levels === null || role === 'recovery' ? `${step}` : `${step} of ${levels}`;
      if (role === 'recovery') say(`recovery  from ${formatAmount(level.amount, level.kind)} ...`);
      else
        say(
          `level ${number}  ${formatAmount(level.amount, level.kind)}${role === 'step' ? '' : `, ${role}`} ...`,
        );
    },
    onLevel({ achievedPerSecond, latencyMs, errorPercent, verdict, broken, note }) {
      const why = note ?? broken[0]?.objective ?? '';
      say(
        [
          `  ${verdict}`,
          `${formatRate(achievedPerSecond)}/s`,
          `p95 ${formatMs(latencyMs.p95)}`,
          `errors ${formatPercent(errorPercent)}`,
          ...(why === '' ? [] : [why]),
        ].join('  '),
      );
    },
  };
}
