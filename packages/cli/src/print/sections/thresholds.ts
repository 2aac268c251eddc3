import type { ThresholdResult } from '@needletail/load/summary';
import { formatCount, formatMs, formatPercent, formatRate, significant } from '../figures.ts';
import { table } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { printable, truncate } from '../text-width.ts';

/** Thresholds, each with a tick or a cross and what was found. */
export const thresholdsSection: Section = ({ thresholds }, page) => {
  if (thresholds.length === 0) return [];
  const rows = thresholds.map((threshold) => [
    `  ${tick(threshold.ok, page)}`,
    truncate(printable(threshold.expression), page.width - 30),
    formatActual(threshold),
  ]);
  return [page.style.heading('Thresholds'), ...table(rows, ['left', 'left', 'left'])];
};

function tick(ok: boolean, { style }: Page): string {
  return ok ? style.good('✓') : style.bad('✗');
}

/** What was found, in the unit the expression speaks of: percent, milliseconds, per second or a plain number. */
function formatActual({ expression, actual }: ThresholdResult): string {
  if (actual === null) return 'nothing to judge';
  // Names of endpoints and checks may read like a metric.
  const metric = expression.replace(/\[.*\]/, '');
  if (metric.includes('%')) return formatPercent(actual);
  if (/\b(p\d|max|mean|min|latency|service|lag)/.test(metric)) return formatMs(actual);
  if (/\b(rps|requests|throughput)\b/.test(metric)) return `${formatRate(actual)}/s`;
  return Number.isInteger(actual) ? formatCount(actual) : significant(actual);
}
