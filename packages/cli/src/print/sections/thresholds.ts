import type { RunSummary, ThresholdResult } from '@needletail/load/summary';
import { formatCount, formatMs, formatPercent, formatRate, significant } from '../figures.ts';
import { table } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { printable, truncate } from '../text-width.ts';

/** Thresholds and checks, each with a tick or a cross and what was found. */
export const thresholdsSection: Section = (summary, page) => [
  ...thresholdLines(summary, page),
  ...checkLines(summary, page),
];

function thresholdLines({ thresholds }: RunSummary, page: Page): string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholds.map((threshold) => [
    `  ${tick(threshold.ok, page)}`,
    truncate(printable(threshold.expression), page.width - 30),
    formatActual(threshold),
  ]);
  return [page.style.heading('Thresholds'), ...table(rows, ['left', 'left', 'left'])];
}

function checkLines({ checks }: RunSummary, page: Page): string[] {
  if (checks.length === 0) return [];
  const rows = checks.map((check) => [
    `  ${tick(check.failed === 0, page)}`,
    truncate(printable(check.name), page.width - 40),
    `${formatCount(check.passed)} of ${formatCount(check.passed + check.failed)}`,
  ]);
  return [page.style.heading('Checks'), ...table(rows, ['left', 'left', 'left'])];
}

function tick(ok: boolean, { style }: Page): string {
  return ok ? style.good('✓') : style.bad('✗');
}

/** What was found, in the unit the expression speaks of: percent, milliseconds, per second or a plain number. */
function formatActual({ expression, actual }: ThresholdResult): string {
  if (actual === null) return 'nothing to judge';
  const metric = expression.replace(/^\s*\[[^\]]*\]/, '');
  if (metric.includes('%')) return formatPercent(actual);
  if (/\b(p\d|max|mean|min|latency|service|lag)/.test(metric)) return formatMs(actual);
  if (/\b(rps|requests|throughput)\b/.test(metric)) return `${formatRate(actual)}/s`;
  return Number.isInteger(actual) ? formatCount(actual) : significant(actual);
}
