import type { Client } from '@needletail/client';
import {
  matches,
  parseMetricSelector,
  parsePrometheus,
  type MetricSelector,
  type PrometheusSample,
} from './parse-prometheus.ts';
import { CPU, type Reading, type TargetMonitor } from './target-monitor.ts';

const TIMEOUT_MS = 2000;
const MOST_BYTES = 16 * 1024 * 1024;

/** What is read when nothing was asked for by name: the conventions of the Prometheus client libraries. */
const WELL_KNOWN: readonly RegExp[] = [
  /^process_(?:cpu_seconds_total|resident_memory_bytes|open_fds)$/,
  /^nodejs_eventloop_(?:lag_(?:seconds|mean_seconds|p99_seconds)|utilization)$/,
  /^nodejs_heap_size_used_bytes$/,
  /^go_goroutines$/,
  /^jvm_threads_(?:current|live_threads)$/,
  /^http_\w*_total$/,
];

/** One figure as it is shown: the sum of the samples behind it. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly isCounter: boolean;
}

/** A Prometheus endpoint of the target: well-known figures, or those asked for; counters are shown as rates. */
export class MetricsMonitor implements TargetMonitor {
  readonly source: string;
  readonly #url: string;
  readonly #selectors: readonly MetricSelector[];
  readonly #now: () => number;
  #client: Client | null = null;
  #before = new Map<string, number>();
  #beforeAt = Number.NaN;

  /** Throws an Error when one of `metrics` is no filter. */
  constructor(
    url: string,
    metrics: readonly string[],
    now: () => number = () => performance.now(),
  ) {
    this.source = url;
    this.#url = url;
    this.#selectors = metrics.map(parseMetricSelector);
    this.#now = now;
  }

  async read(): Promise<readonly Reading[]> {
    if (this.#client === null) {
      // Loaded when it is needed: a run without it should not pay for a client.
      const { Client: Loaded } = await import('@needletail/client');
      this.#client = new Loaded({ timeout: { total: TIMEOUT_MS }, maxBodyBytes: MOST_BYTES });
    }
    const response = await this.#client.get(this.#url);
    if (response.status !== 200) throw new Error(`it answered with status ${response.status}.`);
    const figures = this.#figures(parsePrometheus(response.text()));
    const now = this.#now();
    const readings = figures.flatMap((figure) => this.#reading(figure, now) ?? []);
    this.#before = new Map(figures.map(({ name, value }) => [name, value]));
    this.#beforeAt = now;
    return readings;
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  #figures(samples: readonly PrometheusSample[]): readonly Figure[] {
    if (this.#selectors.length > 0) {
      return this.#selectors.map((selector) => {
        const chosen = samples.filter((sample) => matches(selector, sample));
        if (chosen.length > 0) return figureOf(selector.text, chosen);
        throw new Error(`it has no metric ${selector.text}. Look at ${this.#url} for its names.`);
      });
    }
    const names = new Set(samples.filter(isShownUnasked).map(({ name }) => name));
    if (names.size === 0) {
      throw new Error('none of its metrics is well known. Name some with --watch-metric.');
    }
    return [...names].map((name) =>
      figureOf(
        name,
        samples.filter((sample) => sample.name === name),
      ),
    );
  }

  #reading({ name, value, isCounter }: Figure, now: number): Reading | null {
    if (!isCounter) return Number.isFinite(value) ? standing(name, value) : null;
    const before = this.#before.get(name);
    const seconds = (now - this.#beforeAt) / 1000;
    // A counter that went back began again with its process: what it rose by is not known.
    if (before === undefined || !(seconds > 0) || !(value >= before)) return null;
    const perSecond = (value - before) / seconds;
    return name === 'process_cpu_seconds_total'
      ? { name: CPU, unit: 'percent', value: 100 * perSecond }
      : { name, unit: 'per second', value: perSecond };
  }
}

function isShownUnasked({ name, type }: PrometheusSample): boolean {
  if (type === 'histogram' || type === 'summary') return false;
  return WELL_KNOWN.some((pattern) => pattern.test(name));
}

function figureOf(name: string, samples: readonly PrometheusSample[]): Figure {
  const [first] = samples;
  // Buckets, sums and counts of histograms and summaries only ever rise; quantiles of a summary do not.
  const isCounter =
    first!.type === 'counter' ||
    /_(?:total|bucket|count)$/.test(first!.name) ||
    ((first!.type === 'histogram' || first!.type === 'summary') && first!.name.endsWith('_sum'));
  return { name, value: samples.reduce((sum, { value }) => sum + value, 0), isCounter };
}

function standing(name: string, value: number): Reading {
  const metric = name.replace(/\{.*$/s, '');
  if (metric.endsWith('_seconds')) return { name, unit: 'milliseconds', value: value * 1000 };
  if (metric.endsWith('_bytes')) return { name, unit: 'bytes', value };
  return { name, unit: '', value };
}
