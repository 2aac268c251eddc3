import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { MetricsMonitor } from './metrics-monitor.ts';
import type { Reading } from './target-monitor.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one.close();
});

/** A metrics endpoint that answers the texts in turn, the last one for ever. */
async function endpoint(texts: readonly string[], status = 200): Promise<string> {
  let asked = 0;
  const server: Server = createServer((_, response) => {
    response.statusCode = status;
    response.end(texts[Math.min(asked, texts.length - 1)]);
    asked += 1;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

async function readings(
  texts: readonly string[],
  metrics: readonly string[] = [],
): Promise<readonly (readonly Reading[])[]> {
  let now = 0;
  const monitor = new MetricsMonitor(await endpoint(texts), metrics, () => (now += 2000));
  open.push(monitor);
  const all: (readonly Reading[])[] = [];
  for (const _ of texts) all.push(await monitor.read());
  return all;
}

const metricsAt = (cpu: number, gets: number): string =>
  [
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${cpu}`,
    'process_resident_memory_bytes 1048576',
    'nodejs_eventloop_lag_p99_seconds 0.012',
    '# TYPE http_requests_total counter',
    `http_requests_total{method="get"} ${gets}`,
    'http_requests_total{method="post"} 10',
    '# TYPE http_request_duration_seconds histogram',
    'http_request_duration_seconds_bucket{le="+Inf"} 10',
    'http_request_duration_seconds_count 10',
    'something_else 3',
  ].join('\n');

describe('MetricsMonitor', () => {
  it('shows well-known figures: counters as rates from the second look on', async () => {
    expect(await readings([metricsAt(10, 100), metricsAt(11.5, 300)])).toEqual([
      [
        { name: 'process_resident_memory_bytes', unit: 'bytes', value: 1_048_576 },
        { name: 'nodejs_eventloop_lag_p99_seconds', unit: 'milliseconds', value: 12 },
      ],
      [
        { name: 'CPU', unit: 'percent', value: 75 },
        { name: 'process_resident_memory_bytes', unit: 'bytes', value: 1_048_576 },
        { name: 'nodejs_eventloop_lag_p99_seconds', unit: 'milliseconds', value: 12 },
        { name: 'http_requests_total', unit: 'per second', value: 100 },
      ],
    ]);
  });

  it('shows what was asked for, histograms too', async () => {
    const metrics = ['http_requests_total{method="get"}', 'http_request_duration_seconds_count'];
    const [first, second] = await readings([metricsAt(1, 100), metricsAt(1, 120)], metrics);
    expect(first).toEqual([]);
    expect(second).toEqual([
      { name: 'http_requests_total{method="get"}', unit: 'per second', value: 10 },
      { name: 'http_request_duration_seconds_count', unit: 'per second', value: 0 },
    ]);
  });

  it('leaves out a counter that began again', async () => {
    const all = await readings([metricsAt(10, 100), metricsAt(0.5, 4)]);
    expect(all[1]!.map(({ name }) => name)).toEqual([
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]);
  });

  it.each([
    ['another status', [''], [], 503, /answered with status 503/],
    ['a page', ['<html>'], [], 200, /not in Prometheus text format/],
    ['nothing well known', ['a 1'], [], 200, /--watch-metric/],
    ['a metric there is none of', ['a 1'], ['b'], 200, /no metric b/],
  ])('says why it cannot: %s', async (_, texts, metrics, status, message) => {
    const monitor = new MetricsMonitor(await endpoint(texts, status), metrics);
    open.push(monitor);
    await expect(monitor.read()).rejects.toThrow(message);
  });

  it('refuses a filter that is none', () => {
    expect(() => new MetricsMonitor('http://127.0.0.1/', ['a{b}'])).toThrow(/label b/);
  });
});
