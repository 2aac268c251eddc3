import type { LevelResult } from '@needletail/load/search';
import { bar } from '../bars.ts';
import { formatMs, formatPercent, formatRate } from '../figures.ts';
import { table, type Alignment } from '../layout.ts';
import type { Page } from '../page.ts';
import { displayWidth } from '../text-width.ts';

const headings = ['', 'achieved', 'p50', 'p95', 'p99', 'errors', ''];
const alignments: Alignment[] = ['right', 'right', 'right', 'right', 'right', 'right', 'left'];

/** A row for each run of a level, in the order given, with what broke and a bar of the throughput where there is room. */
export function levelTable(levels: readonly LevelResult[], unit: string, page: Page): string[] {
  if (levels.length === 0) return [];
  const [heading = '', ...rows] = table(
    [
      [unit, ...headings.slice(1)],
      ...levels.map((level) => [
        formatRate(level.amount),
        `${formatRate(level.achievedPerSecond)}/s`,
        formatMs(level.latencyMs.p50),
        formatMs(level.latencyMs.p95),
        formatMs(level.latencyMs.p99),
        formatPercent(level.errorPercent),
        verdictOf(level),
      ]),
    ],
    alignments,
  );
  const most = Math.max(...levels.map(({ achievedPerSecond }) => achievedPerSecond));
  const used = Math.max(displayWidth(heading), ...rows.map(displayWidth));
  const room = Math.min(24, page.width - used - 4);
  return [
    page.style.faint(`  ${heading}`),
    ...rows.map((row, index) => {
      const level = levels[index]!;
      const picture = room < 6 ? '' : bar(level.achievedPerSecond / most, room);
      const padding = ' '.repeat(used - displayWidth(row) + 2);
      return `  ${paint(level, row, page)}${picture === '' ? '' : padding + page.style.chart(picture)}`;
    }),
  ];
}

function verdictOf({ verdict, broken, role }: LevelResult): string {
  const why = verdict === 'held' ? '' : ` ${broken[0]?.objective ?? ''}`;
  return `${verdict}${role === 'step' ? '' : ` (${role})`}${why}`;
}

function paint({ verdict }: LevelResult, text: string, { style }: Page): string {
  if (verdict === 'held') return text;
  return verdict === 'breached' ? style.bad(text) : style.doubtful(text);
}
