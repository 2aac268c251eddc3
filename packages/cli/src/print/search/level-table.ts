import type { LevelResult } from '@needletail/load/search';
import { bar } from '../bars.ts';
import { formatMs, formatPercent, formatRate } from '../figures.ts';
import { table, type Alignment } from '../layout.ts';
import type { Page } from '../page.ts';
import { formatBareAmount } from './format-amount.ts';
import { displayWidth, printable, truncate } from '../text-width.ts';

/** Narrower pages leave out the median. */
const roomy = 100;
const widestPicture = 24;

/** A row for each run of a level, in the order given, with what broke and a bar of the throughput where there is room. */
export function levelTable(levels: readonly LevelResult[], unit: string, page: Page): string[] {
  if (levels.length === 0) return [];
  const hasMedian = page.width >= roomy;
  const cells = [
    [unit, 'achieved', ...(hasMedian ? ['p50'] : []), 'p95', 'p99', 'errors'],
    ...levels.map(({ amount, achievedPerSecond, latencyMs, errorPercent }) => [
      formatBareAmount(amount, unit),
      `${formatRate(achievedPerSecond)}/s`,
      ...(hasMedian ? [formatMs(latencyMs.p50)] : []),
      formatMs(latencyMs.p95),
      formatMs(latencyMs.p99),
      formatPercent(errorPercent),
    ]),
  ];
  const alignments = cells[0]!.map((): Alignment => 'right');
  const [heading = '', ...figures] = table(cells, alignments);
  const room = page.width - displayWidth(heading) - 4;
  const rows = levels.map(
    (level, index) => `${figures[index]}  ${truncate(printable(verdictOf(level)), room)}`,
  );
  const used = Math.max(...rows.map(displayWidth));
  const pictureWidth = Math.min(widestPicture, page.width - used - 4);
  const most = Math.max(...levels.map(({ achievedPerSecond }) => achievedPerSecond));
  return [
    page.style.faint(`  ${heading}`),
    ...rows.map((row, index) => {
      const level = levels[index]!;
      const text = `  ${paint(level, row, page)}`;
      if (pictureWidth < 6) return text;
      const picture = bar(level.achievedPerSecond / most, pictureWidth);
      return text + ' '.repeat(used - displayWidth(row) + 2) + page.style.chart(picture);
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
