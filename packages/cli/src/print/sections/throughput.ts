import type { RunSummary, SeriesPoint } from '@needletail/load/summary';
import { sparkline } from '../bars.ts';
import { formatBytes, formatCount, formatMs, formatRate } from '../figures.ts';
import { flow, labelWidth, labelled, padLabel, table } from '../layout.ts';
import type { Page } from '../page.ts';

const fewestPoints = 3;

/** How much went through, and how rate and p99 moved over the run when it lasted long enough to tell. */
export function throughputSection(summary: RunSummary, page: Page): string[] {
  const { throughput, ledger, durationMs, series } = summary;
  const pieces = [
    page.style.strong(`${formatRate(throughput.requestsPerSecond)} requests/s`),
    `in ${formatBytes(throughput.receivedBytesPerSecond)}/s`,
    `out ${formatBytes(throughput.sentBytesPerSecond)}/s`,
    `${formatCount(ledger.scheduled)} in ${formatMs(durationMs)}`,
  ];
  const lines = labelled(
    page.style.heading('Throughput'),
    flow(pieces, page.width - labelWidth, ' · '),
  );
  return series.length < fewestPoints ? lines : [...lines, ...overTime(series, page)];
}

function overTime(series: readonly SeriesPoint[], { width, style }: Page): string[] {
  const rates = series.map((point) => point.requestsPerSecond);
  const p99s = series.map((point) => point.latencyMs.p99);
  const sparkWidth = width - labelWidth - 40;
  const rows = [
    ['  rate', style.chart(sparkline(rates, sparkWidth)), `${span(rates, formatRate)}/s`],
    ['  p99', style.chart(sparkline(p99s, sparkWidth)), span(p99s, formatMs)],
  ];
  return rows.map(([label, ...cells]) => padLabel(label) + table([cells], ['left', 'left'])[0]);
}

function span(values: readonly number[], format: (value: number) => string): string {
  const [least, most] = [format(Math.min(...values)), format(Math.max(...values))];
  return least === most ? most : `${least} to ${most}`;
}
