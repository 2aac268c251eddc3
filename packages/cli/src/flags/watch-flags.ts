import { parseMetricSelector, type WatchTarget } from '@needletail/load';
import { UsageError } from '../errors.ts';
import type { LoadFlagValues } from './load-flags.ts';

/** The `--watch-…` flags. */
export function toWatched(values: LoadFlagValues): readonly WatchTarget[] {
  const { watchPid = [], watchMetrics = [], watchMetric: metrics = [], watchNode = [] } = values;
  if (metrics.length > 0 && watchMetrics.length === 0) {
    throw new UsageError(
      'METRIC_WITHOUT_ENDPOINT',
      `A metric of nothing: no endpoint to read it from (--watch-metric ${metrics[0]}). Add --watch-metrics <url>.`,
    );
  }
  for (const metric of metrics) checkMetric(metric);
  return [
    ...watchPid.map((pid) => ({ kind: 'pid' as const, pid: pidOf(pid) })),
    ...watchMetrics.map((url) => ({ kind: 'metrics' as const, url: endpointOf(url), metrics })),
    ...watchNode.map((address) => ({ kind: 'node' as const, address: inspectorOf(address) })),
  ];
}

function checkMetric(text: string): void {
  try {
    parseMetricSelector(text);
  } catch (error) {
    throw new UsageError(
      'BAD_METRIC',
      `Bad value for --watch-metric: not a filter of metrics (${text}). Write name or name{label="value"}.`,
      { cause: error },
    );
  }
}

function pidOf(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid > 0 && pid <= 2 ** 31) return pid;
  throw new UsageError(
    'BAD_PID',
    `Bad value for --watch-pid: not the number of a process (${text}). See ps for those there are.`,
  );
}

function endpointOf(text: string): string {
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return text;
  throw new UsageError(
    'BAD_METRICS_URL',
    `Bad value for --watch-metrics: not an http address (${text}). Write it whole, as in http://localhost:9100/metrics.`,
  );
}

function inspectorOf(text: string): string {
  const address = /^\d+$/.test(text) ? `127.0.0.1:${text}` : text;
  const port = /^[^\s/@:]+:(\d{1,5})$|^\[[\da-f:]+\]:(\d{1,5})$/i.exec(address);
  if (port !== null && Number(port[1] ?? port[2]) <= 65_535) return address;
  throw new UsageError(
    'BAD_INSPECTOR',
    `Bad value for --watch-node: not host:port (${text}). Give what node --inspect printed, as in 127.0.0.1:9229.`,
  );
}
