import type { StressSummary } from '@needletail/load/search';
import { sparkline } from '../bars.ts';
import { formatMs, formatRate, formatSetting } from '../figures.ts';
import { flow, labelled, labelWidth } from '../layout.ts';
import type { Page } from '../page.ts';
import { createStyle } from '../style.ts';
import { printable, truncate } from '../text-width.ts';
import { formatAmount } from './format-amount.ts';
import { levelTable } from './level-table.ts';
import { pageWidth, verdictLines } from './verdict-lines.ts';

/** The report of a stress test for people, ending with a newline. */
export function formatStress(
  summary: StressSummary,
  options: { readonly width: number; readonly color: boolean },
): string {
  const page: Page = { width: pageWidth(options.width), style: createStyle(options.color) };
  const blocks = [
    heading(summary, page),
    levelTable(summary.levels, summary.unit, page),
    found(summary, page),
    recovery(summary, page),
    verdictLines(summary.verdict, page),
  ].filter((block) => block.length > 0);
  return `\n${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

function heading(summary: StressSummary, { width, style }: Page): string[] {
  const { target, name, settings, objectives, tool } = summary;
  const title = name === null ? target : `${name} · ${target}`;
  const lines = [style.strong(truncate(printable(title), width - labelWidth)), settings.scenario];
  const details = [...objectives, tool.runtime, `needletail ${tool.version}`];
  const shown = flow(details.map(printable), width - labelWidth, ' · ').map(style.faint);
  return labelled(style.heading('needletail'), [...lines, ...shown]);
}

function found(summary: StressSummary, { style }: Page): string[] {
  const { maxSustainable, breakingPoint, unit, steps, durationMs } = summary;
  const taken = `${steps} steps, ${formatSetting(Math.round(durationMs / 1000) * 1000)}`;
  const sustained =
    maxSustainable === null
      ? 'no level tested'
      : `${style.strong(formatAmount(maxSustainable, unit))}${intervalOf(summary)}`;
  const lines = labelled(style.heading('Sustains'), [`${sustained}, ${taken}`]);
  if (breakingPoint !== null) {
    const { amount, objective, actual } = breakingPoint;
    const measured = actual === null ? 'nothing to judge' : `measured ${figure(actual, objective)}`;
    const text = `at ${formatAmount(amount, unit)}: ${printable(objective)}, ${measured}`;
    lines.push(...labelled(style.heading('Breaks'), [text]));
  }
  const signs = [
    ...sign('errors from', summary.firstErrorAt, unit),
    ...sign('latency out of proportion from', summary.nonLinearLatencyAt, unit),
  ];
  return [...lines, ...labelled(style.heading('First signs'), signs)];
}

function intervalOf({ interval, unit }: StressSummary): string {
  if (interval === null) return '';
  const { low, high, confidence } = interval;
  const share = Number((100 * confidence).toPrecision(3));
  return ` (${share}% interval ${formatRate(low)}–${formatRate(high)}${unit === 'users' ? '' : '/s'})`;
}

function sign(what: string, at: number | null, unit: StressSummary['unit']): string[] {
  return at === null ? [] : [`${what} ${formatAmount(at, unit)}`];
}

function figure(actual: number, objective: string): string {
  if (objective.includes('%')) return `${Number(actual.toPrecision(3))}%`;
  return /p\d|min|mean|avg|max|median/.test(objective) ? formatMs(actual) : formatRate(actual);
}

function recovery({ recovery: measured, unit }: StressSummary, { width, style }: Page): string[] {
  if (measured === null) return [];
  const { from, to, seconds, limitSeconds, series } = measured;
  const fall = `from ${formatAmount(from, unit)} to ${formatAmount(to, unit)}`;
  const result =
    seconds === null
      ? style.bad(`not within ${limitSeconds} s`)
      : style.strong(seconds === 0 ? 'at once' : `after ${seconds} s`);
  const p95 = series.map(({ p95Ms }) => p95Ms);
  const picture =
    p95.length < 2 ? [] : [`p95 ${style.chart(sparkline(p95, Math.min(40, width - 30)))}`];
  return labelled(style.heading('Recovers'), [`${result}, ${fall}`, ...picture]);
}
