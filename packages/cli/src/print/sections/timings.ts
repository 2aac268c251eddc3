import type { RunSummary } from '@needletail/load/summary';
import { formatCount, formatMs, significant } from '../figures.ts';
import { table, type Alignment } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { displayWidth, padEnd, printable, truncate } from '../text-width.ts';

/** What scripts measured of their own: groups and timings, then counters. */
export const timingsSection: Section = (summary, page) => [
  ...timingLines(summary, page),
  ...counterLines(summary, page),
];

function timingLines({ timings }: RunSummary, page: Page): string[] {
  if (timings.length === 0) return [];
  const headings = ['count', 'p50', 'p95', 'p99', 'max'];
  const rows = timings.map(({ timeMs }) => [
    formatCount(timeMs.count),
    ...[timeMs.p50, timeMs.p95, timeMs.p99, timeMs.max].map(formatMs),
  ]);
  return namedRows(
    'Timings',
    timings.map(({ name }) => name),
    [headings, ...rows],
    page,
  );
}

function counterLines({ counters }: RunSummary, page: Page): string[] {
  if (counters.length === 0) return [];
  const rows = counters.map(({ total, perSecond }) => [
    Number.isInteger(total) ? formatCount(total) : significant(total),
    significant(perSecond),
  ]);
  return namedRows(
    'Counters',
    counters.map(({ name }) => name),
    [['total', 'per second'], ...rows],
    page,
  );
}

/** A heading with names below it, and beside both the columns of a table; its first row are their headings. */
function namedRows(
  heading: string,
  names: readonly string[],
  cells: readonly (readonly string[])[],
  { style, width }: Page,
): string[] {
  const alignments: Alignment[] = cells[0].map(() => 'right');
  const [headings, ...figures] = table(cells, alignments);
  const nameWidth = width - Math.max(...figures.map(displayWidth)) - 4;
  const shown = names.map((name) => truncate(printable(name), nameWidth));
  const widest = Math.max(heading.length - 2, ...shown.map(displayWidth));
  return [
    padEnd(style.heading(heading), widest + 4) + style.faint(headings),
    ...shown.map((name, row) => `  ${padEnd(name, widest)}  ${figures[row]}`),
  ];
}
