import type { MetricsSeries } from './metrics-table.ts';

/** Prometheus text format (prometheus.io/docs/instrumenting/exposition_formats). */
export function metricsText(
  all: readonly MetricsSeries[],
  prefix: string,
  bucketsSeconds: readonly number[],
): string {
  const requests = `${prefix}_requests_total`;
  const bytes = `${prefix}_response_body_bytes_total`;
  const duration = `${prefix}_request_duration_seconds`;
  let text = header(requests, 'counter', 'Requests that were answered, or broken off.');
  for (const series of all) text += `${requests}{${labels(series)}} ${series.durations.count}\n`;
  text += header(bytes, 'counter', 'Bytes of the bodies of answers.');
  for (const series of all) text += `${bytes}{${labels(series)}} ${series.bodyBytes}\n`;
  text += header(duration, 'histogram', 'From the request to the end of its answer.');
  for (const series of all) text += histogramLines(series, duration, bucketsSeconds);
  return text;
}

function histogramLines(
  series: MetricsSeries,
  name: string,
  bucketsSeconds: readonly number[],
): string {
  const { durations, durationSumMs } = series;
  const own = labels(series);
  let text = '';
  for (const seconds of bucketsSeconds) {
    const count = durations.countBetween(0, seconds * 1e6);
    text += `${name}_bucket{${own},le="${seconds}"} ${count}\n`;
  }
  const { count } = durations;
  text += `${name}_bucket{${own},le="+Inf"} ${count}\n`;
  return `${text}${name}_sum{${own}} ${durationSumMs / 1000}\n${name}_count{${own}} ${count}\n`;
}

/** Of this process, under the names that Prometheus clients use. */
export function processText(): string {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const startSeconds = Date.now() / 1000 - process.uptime();
  return (
    header('process_cpu_seconds_total', 'counter', 'Processor time, user and system.') +
    `process_cpu_seconds_total ${(user + system) / 1e6}\n` +
    header('process_resident_memory_bytes', 'gauge', 'Resident memory.') +
    `process_resident_memory_bytes ${rss}\n` +
    header('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.') +
    `nodejs_heap_size_used_bytes ${heapUsed}\n` +
    header('process_start_time_seconds', 'gauge', 'Start, since 1970.') +
    `process_start_time_seconds ${startSeconds.toFixed(3)}\n`
  );
}

function header(name: string, type: string, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function labels({ method, route, status }: MetricsSeries): string {
  return `method="${method}",route="${escaped(route)}",status="${status}"`;
}

function escaped(value: string): string {
  return value.replaceAll(/[\\"\n]/g, (character) =>
    character === '\n' ? '\\n' : `\\${character}`,
  );
}
