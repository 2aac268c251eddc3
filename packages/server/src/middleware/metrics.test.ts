import { describe, expect, it } from 'vitest';
import { App } from '../app/app.ts';
import { bothWays } from '../in-process/both-ways.fixture.ts';
import { metrics } from './metrics.ts';
import { MetricsTable } from './metrics-table.ts';
import { metricsText } from './metrics-text.ts';

describe('metrics()', () => {
  bothWays('counts by pattern, and shows it to Prometheus', async (way) => {
    const figures = metrics();
    way
      .app()
      .use(figures)
      .get('/users/:id', (c) => `user ${c.params.id}`)
      .get('/metrics', () => figures.reply());
    await way.send('/users/1');
    await way.send('/users/2');
    await way.send('/nowhere/1');
    const got = await way.send('/metrics');
    expect(got.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = got.text();
    const series = 'method="GET",route="/users/:id",status="200"';
    expect(text).toContain(`http_requests_total{${series}} 2\n`);
    expect(text).toContain(`http_response_body_bytes_total{${series}} 12\n`);
    expect(text).toContain(`http_request_duration_seconds_bucket{${series},le="+Inf"} 2\n`);
    expect(text).toContain(`http_request_duration_seconds_count{${series}} 2\n`);
    expect(text).toContain('http_requests_total{method="GET",route="",status="404"} 1\n');
    expect(text).toMatch(/\nprocess_resident_memory_bytes \d+\n/);
    expect(text).not.toContain('/users/1');
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^# (HELP|TYPE) |^[a-z_]+(\{[^{}]*\})? [\d.e+-]+$/);
    }
  });

  it('counts methods that clients invent as one', async () => {
    const figures = metrics({ process: false, prefix: 'shop' });
    const app = new App().use(figures).get('/', () => 'x');
    for (const method of ['BREW', 'FROTH']) await app.inject({ method, url: '/nowhere' });
    expect(figures.text()).toContain(
      'shop_requests_total{method="other",route="",status="404"} 2\n',
    );
  });
});

describe('metricsText()', () => {
  it('has buckets that grow, and escapes what ends a label', () => {
    const table = new MetricsTable(2);
    for (const durationMs of [0.5, 3, 30, 30_000]) table.count('GET', '/"\\\n', 200, durationMs, 1);
    table.count('GET', '/b', 200, 1, 0);
    table.count('GET', '/c', 200, 1, 0);
    table.count('GET', '/d', 200, 1, 0);
    const text = metricsText(table.series(), 'http', [0.001, 0.01, 10]);
    const counts = [...text.matchAll(/_bucket\{[^}]*\\n[^}]*\} (\d+)/g)].map(([, count]) => count);
    expect(counts).toEqual(['1', '2', '3', '4']);
    expect(text).toContain('route="/\\"\\\\\\n"');
    expect(text).toContain('http_requests_total{method="other",route="other",status="other"} 2\n');
    expect(table.series()).toHaveLength(3);
  });
});
