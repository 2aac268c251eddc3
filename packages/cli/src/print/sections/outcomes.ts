import type { FailureCount, RunSummary } from '@needletail/load/summary';
import { bar } from '../bars.ts';
import { formatCount, formatShare } from '../figures.ts';
import { table, wrap } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { printable, truncate } from '../text-width.ts';

const mostFailures = 12;
const mostMessageLines = 3;

/** Answers by status code, then what went wrong, most frequent first. */
export const outcomesSection: Section = (summary, page) => {
  const blocks = [statusLines(summary, page), failureLines(summary, page)];
  return blocks.filter((block) => block.length > 0).flat();
};

function statusLines({ status }: RunSummary, { width, style }: Page): string[] {
  const entries = Object.entries(status).filter(([, count]) => count > 0);
  if (entries.length === 0) return [];
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  const barWidth = Math.min(60, width - 36);
  const rows = entries.map(([code, count]) => {
    const paint = Number(code) < 400 ? style.good : style.bad;
    const share = count / total;
    return [
      `  ${paint(code)}`,
      formatCount(count),
      formatShare(count, total),
      paint(bar(share, barWidth)),
    ];
  });
  return [style.heading('Status'), ...table(rows, ['left', 'right', 'right', 'left'])];
}

function failureLines(summary: RunSummary, { width, style }: Page): string[] {
  const { failures } = summary;
  if (failures.length === 0) return [];
  const sorted = [...failures].sort((a, b) => b.count - a.count);
  const shown = sorted.slice(0, mostFailures);
  const figures = table(
    shown.map((failure) => [`  ${failure.kind}`, formatCount(failure.count)]),
    ['left', 'right'],
  );
  const messageWidth = width - Math.max(...figures.map((line) => line.length)) - 2;
  const lines = shown.flatMap(({ message }, row) =>
    messageLines(message, messageWidth).map((line, index) =>
      index === 0
        ? `${style.bad(figures[row])}  ${line}`
        : ' '.repeat(figures[row].length + 2) + line,
    ),
  );
  return [style.heading('Failures'), ...lines, ...leftOut(sorted.slice(mostFailures), style.faint)];
}

/** Long enough for a cause and its remedy, not for a page of somebody's HTML. */
function messageLines(message: string, width: number): string[] {
  const lines = wrap(printable(message).trim(), width).map((line) => truncate(line, width));
  if (lines.length <= mostMessageLines) return lines;
  const last = `${lines[mostMessageLines - 1]} ${lines[mostMessageLines]}`;
  return [...lines.slice(0, mostMessageLines - 1), truncate(last, width)];
}

function leftOut(rest: readonly FailureCount[], faint: (text: string) => string): string[] {
  if (rest.length === 0) return [];
  const count = rest.reduce((sum, failure) => sum + failure.count, 0);
  return [
    faint(`  and ${formatCount(count)} more of ${rest.length} other kinds (all of them in --json)`),
  ];
}
