import type { Level, SearchProgress } from '@needletail/load/search';
import { formatMs, formatPercent, formatRate } from '../figures.ts';

/** A line when a level begins and one when it is judged; `levels` is their number where it is known beforehand. */
export function searchProgress(say: (line: string) => void, levels: number | null): SearchProgress {
  return {
    onLevelStart(level, role, step) {
      const number = levels === null || role === 'recovery' ? `${step}` : `${step} of ${levels}`;
      if (role === 'recovery') say(`recovery  from ${formatLevel(level)} ...`);
      else say(`level ${number}  ${formatLevel(level)}${role === 'step' ? '' : `, ${role}`} ...`);
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

/** `4,950/s`, `40 users`. */
export function formatLevel({ kind, amount }: Level): string {
  return kind === 'rate'
    ? `${formatRate(amount)}/s`
    : `${formatRate(amount)} user${amount === 1 ? '' : 's'}`;
}
