import type { SeriesPoint } from '@needletail/load/summary';
import type { Exporter } from '../exporter.ts';

const columns: readonly (readonly [heading: string, read: (point: SeriesPoint) => number])[] = [
  ['t', (point) => point.t],
  ['scheduled', (point) => point.scheduled],
  ['ok', (point) => point.ok],
  ['failed', (point) => point.failed],
  ['users', (point) => point.users],
  ['requestsPerSecond', (point) => point.requestsPerSecond],
  ['p50Ms', (point) => point.latencyMs.p50],
  ['p95Ms', (point) => point.latencyMs.p95],
  ['p99Ms', (point) => point.latencyMs.p99],
  ['maxMs', (point) => point.latencyMs.max],
];

/**
 * The run over time, one row for each second: what a spreadsheet or a plot wants. Totals are in the JSON.
 * `t` is seconds since the start, `failed` counts failures, timeouts and drops, latencies are milliseconds.
 * RFC 4180 with a header row, but lines end in LF so that the last column survives awk and cut.
 */
export const csvExporter: Exporter = {
  name: 'csv',
  extension: 'csv',
  serialize({ summary }) {
    const rows = summary.series.map((point) => columns.map(([, read]) => rounded(read(point))));
    return [columns.map(([heading]) => heading), ...rows]
      .map((row) => `${row.join(',')}\n`)
      .join('');
  },
};

/** To a thousandth: of a millisecond for latencies, which is all that was measured. */
function rounded(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
