import type { AnyContext, Middleware, Outcome } from '../app/middleware.ts';
import { text, type Reply } from '../reply/reply.ts';
import { metricsText, processText } from './metrics-text.ts';
import { MetricsTable } from './metrics-table.ts';
import { checkNames, type Names } from '../listen/check-names.ts';

export interface MetricsOptions {
  /** Upper bounds of the buckets of durations, in seconds, ascending; 1 ms to 10 s unless given. */
  readonly bucketsSeconds?: readonly number[];
  /** Combinations of method, route and status that are counted; further ones count as `other`. 500 unless given, 27 KiB each. */
  readonly maxSeries?: number;
  /** What the names begin with; `http` unless given. */
  readonly prefix?: string;
  /** Processor time, memory and start of the process as well. True unless given. */
  readonly process?: boolean;
}

const OPTIONS: Names<MetricsOptions> = {
  bucketsSeconds: true,
  maxSeries: true,
  prefix: true,
  process: true,
};

/** Middleware with what it has counted. */
export interface Metrics extends Middleware {
  /** Prometheus text format, version 0.0.4. */
  text(): string;
  /** For a route: `app.use(figures).get('/metrics', () => figures.reply())`. */
  reply(): Reply;
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counts exchanges, their durations and the bytes of their bodies by method, pattern of the route and status: never by path, which
 * would grow with what clients ask for. Durations are within one per cent; memory is fixed.
 */
export function metrics(options: MetricsOptions = {}): Metrics {
  checkNames('metrics', options, OPTIONS);
  const { bucketsSeconds = BUCKETS, maxSeries = 500, prefix = 'http' } = options;
  const table = new MetricsTable(maxSeries);
  const about = options.process === false ? '' : null;
  const show = (): string =>
    metricsText(table.series(), prefix, bucketsSeconds) + (about ?? processText());
  return {
    name: 'metrics',
    done(c: AnyContext, { status, durationMs, sizeBytes }: Outcome) {
      table.count(c.method, c.route.pattern, status, durationMs, sizeBytes ?? 0);
    },
    text: show,
    reply: () =>
      text(show(), {
        type: 'text/plain; version=0.0.4; charset=utf-8',
        headers: { 'Cache-Control': 'no-store' },
      }),
  };
}
