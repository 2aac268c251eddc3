import type { WatchTarget } from '@needletail/load';
import { parseMetricSelector, readInspector, readMetricsUrl, readPid } from '@needletail/load/plan';
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
  const pid = readPid(text);
  if (pid !== null) return pid;
  throw new UsageError(
    'BAD_PID',
    `Bad value for --watch-pid: not the number of a process (${text}). See ps for those there are.`,
  );
}

function endpointOf(text: string): string {
  const url = readMetricsUrl(text);
  if (url !== null) return url;
  throw new UsageError(
    'BAD_METRICS_URL',
    `Bad value for --watch-metrics: not an http address (${text}). Write it whole, as in http://localhost:9100/metrics.`,
  );
}

function inspectorOf(text: string): string {
  const address = readInspector(text);
  if (address !== null) return address;
  throw new UsageError(
    'BAD_INSPECTOR',
    `Bad value for --watch-node: not host:port (${text}). Give what node --inspect printed, as in 127.0.0.1:9229.`,
  );
}
