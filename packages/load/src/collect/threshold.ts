import { parseDuration } from '../plan/duration.ts';
import { quoted } from '../plan/errors.ts';
import type { IterationLedger, Ledger } from './run-summary.ts';
import { ThresholdScanner } from './threshold-scanner.ts';

type Statistic =
  | { readonly statistic: 'min' | 'mean' | 'max' }
  | {
      readonly statistic: 'quantile';
      /** 0.99 for `p99`. */
      readonly quantile: number;
    };

/**
 * What is compared. Latency is counted from when a request was due, service time from when it was sent, an iteration from
 * when it was due to its end.
 */
type Metric =
  | ({ readonly kind: 'latency' | 'service' | 'iteration' } & Statistic)
  | ({ readonly kind: 'timing'; readonly name: string } & Statistic)
  | { readonly kind: 'counter'; readonly name: string }
  /** Of one check, or of all. */
  | { readonly kind: 'checks'; readonly name: string | null }
  | { readonly kind: 'error-rate' | 'errors' | 'rps' | 'apdex' }
  | { readonly kind: 'iteration-error-rate' | 'iterations' };

/** A rule that a run must keep to pass. */
export interface Threshold {
  /** As written, without the space around it. */
  readonly expression: string;
  /** Name of the one endpoint it is about, null for the whole run. */
  readonly endpoint: string | null;
  readonly metric: Metric;
  readonly operator: '<' | '<=' | '>' | '>=';
  /** Milliseconds for times, percent for rates and checks, requests per second, or a plain number. */
  readonly limit: number;
  /** Must hold over every stretch of this length (`for 10s`); null judges the run as a whole. */
  readonly windowMs: number | null;
  /** Ends the run when broken. */
  readonly abort: boolean;
  /** It judges a time, which a starved generator would falsify. */
  readonly isLatency: boolean;
  /** It judges the error rate of requests. */
  readonly isErrorRate: boolean;
}

/** Times in microseconds; what a histogram offers. */
interface TimesView {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  quantile(q: number): number;
}

/** What a threshold is judged by: a whole run, a stretch of it, or one endpoint. */
export interface MetricsView {
  readonly ledger: Ledger;
  readonly elapsedMs: number;
  readonly latency: TimesView;
  readonly serviceTime: TimesView;
  apdex(): number;
  /** Null when no request has that name. */
  endpoint(name: string): MetricsView | null;
  /** What scripts left behind; absent where there are none. */
  readonly scripts?: ScriptMetricsView;
}

/** The part of a view that only runs of scripts have; null for a name that nothing was recorded under. */
export interface ScriptMetricsView {
  readonly iterations: IterationLedger;
  readonly iterationDuration: TimesView;
  /** Outcomes of the check of that name, of all checks for null. */
  check(name: string | null): { readonly passed: number; readonly failed: number } | null;
  counter(name: string): number | null;
  timing(name: string): TimesView | null;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
};

/** An endpoint, whose name may hold brackets: it ends where a metric begins. */
const BEFORE_METRIC =
  /\[(.*?)\]\s*(?=p\d|median|m(?:in|ax|ean)\b|avg|latency|service|error|rps|apdex|check|counter|timing|iteration)/iy;

/** Reads a threshold expression; throws a PlanError that points at the first character it cannot read. */
export function parseThreshold(expression: string): Threshold {
  const text = expression.trim();
  const scanner = new ThresholdScanner(text);
  const endpoint =
    (scanner.take(BEFORE_METRIC) ?? scanner.take(/\[(.*)\]\s*/y))?.[1].trim() ?? null;
  const metric = takeMetric(scanner);
  if (endpoint !== null) refuseForEndpoint(metric, scanner);
  const operator = scanner.take(/\s*(<=|>=|<|>)\s*/y)?.[1] as Threshold['operator'] | undefined;
  if (operator === undefined) throw scanner.unexpected('one of < <= > >=');
  const limit = takeLimit(scanner, metric);
  const windowMs = takeWindow(scanner);
  const abort = scanner.take(/\s*,\s*abort$/iy) !== null;
  if (!scanner.isAtEnd)
    throw scanner.unexpected("'for <duration>', ', abort' or the end (one threshold each)");
  return {
    expression: text,
    endpoint,
    metric,
    operator,
    limit,
    windowMs,
    abort,
    isLatency: 'statistic' in metric,
    isErrorRate: metric.kind === 'error-rate',
  };
}

/**
 * Judges a threshold. `actual` is in the unit of `limit`; where nothing has happened there is nothing to judge: it is
 * null, and that is not ok.
 */
export function judgeThreshold(
  threshold: Threshold,
  view: MetricsView,
): { readonly actual: number | null; readonly ok: boolean } {
  const subject = threshold.endpoint === null ? view : view.endpoint(threshold.endpoint);
  const actual = subject === null ? null : measure(threshold.metric, subject);
  return { actual, ok: actual !== null && meetsLimit(actual, threshold) };
}

function measure(metric: Metric, view: MetricsView): number | null {
  if ('statistic' in metric) return measureTimes(metric, timesOf(metric, view));
  switch (metric.kind) {
    case 'checks':
    case 'counter':
    case 'iterations':
    case 'iteration-error-rate':
      return view.scripts === undefined ? null : measureScripts(metric, view.scripts);
    case 'error-rate':
    case 'errors':
    case 'rps':
    case 'apdex':
      return measureRequests(metric.kind, view);
  }
}

function timesOf(
  metric: Extract<Metric, { readonly statistic: unknown }>,
  { latency, serviceTime, scripts }: MetricsView,
): TimesView | null {
  switch (metric.kind) {
    case 'latency':
      return latency;
    case 'service':
      return serviceTime;
    case 'iteration':
      return scripts?.iterationDuration ?? null;
    case 'timing':
      return scripts?.timing(metric.name) ?? null;
  }
}

function measureTimes(metric: Statistic, times: TimesView | null): number | null {
  if (times === null || times.count === 0) return null;
  const micros =
    metric.statistic === 'quantile' ? times.quantile(metric.quantile) : times[metric.statistic];
  return micros / 1000;
}

type ScriptMetric =
  | Extract<Metric, { readonly kind: 'checks' | 'counter' }>
  | { readonly kind: 'iteration-error-rate' | 'iterations' };

function measureScripts(metric: ScriptMetric, scripts: ScriptMetricsView): number | null {
  if (metric.kind === 'counter') return scripts.counter(metric.name);
  if (metric.kind === 'checks') {
    const { passed, failed } = scripts.check(metric.name) ?? { passed: 0, failed: 0 };
    return passed + failed === 0 ? null : (100 * passed) / (passed + failed);
  }
  const { scheduled, ok, failed, dropped, inFlight } = scripts.iterations;
  const ended = scheduled - inFlight;
  if (ended <= 0) return null;
  return metric.kind === 'iterations' ? ok + failed : (100 * (failed + dropped)) / ended;
}

function measureRequests(
  kind: 'error-rate' | 'errors' | 'rps' | 'apdex',
  view: MetricsView,
): number | null {
  const { scheduled, ok, failed, timedOut, dropped, inFlight } = view.ledger;
  const ended = scheduled - inFlight;
  const errors = failed + timedOut + dropped;
  if (ended <= 0) {
    // Iterations may do without requests, over a WebSocket for one: then none of them failed.
    const { ok: iterationsOk = 0 } = view.scripts?.iterations ?? {};
    const hasNoErrors = iterationsOk > 0 && (kind === 'error-rate' || kind === 'errors');
    return hasNoErrors ? 0 : null;
  }
  switch (kind) {
    case 'error-rate':
      return (100 * errors) / ended;
    case 'errors':
      return errors;
    case 'rps':
      // Only successes: a target that refuses quickly has not kept a promise about its throughput.
      return view.elapsedMs > 0 ? (ok * 1000) / view.elapsedMs : null;
    case 'apdex':
      return view.apdex();
  }
}

/** Whether a figure in the threshold's own unit is on the right side of its limit. */
export function meetsLimit(actual: number, { operator, limit }: Threshold): boolean {
  switch (operator) {
    case '<':
      return actual < limit;
    case '<=':
      return actual <= limit;
    case '>':
      return actual > limit;
    case '>=':
      return actual >= limit;
  }
}

const NAMED: readonly (readonly [RegExp, Metric])[] = [
  [/error[ -]rate\b/iy, { kind: 'error-rate' }],
  [/errors\b/iy, { kind: 'errors' }],
  [/rps\b/iy, { kind: 'rps' }],
  [/apdex\b/iy, { kind: 'apdex' }],
  [/checks\b(?!\s*\[)/iy, { kind: 'checks', name: null }],
  [/iterations\b/iy, { kind: 'iterations' }],
  [/iteration[ -]error[ -]rate\b/iy, { kind: 'iteration-error-rate' }],
];

function takeMetric(scanner: ThresholdScanner): Metric {
  for (const [pattern, metric] of NAMED) if (scanner.take(pattern) !== null) return metric;
  const check = takeName(scanner, /checks?\b/iy, 'check');
  if (check !== null) return { kind: 'checks', name: check };
  const counter = takeName(scanner, /counter\b/iy, 'counter');
  if (counter !== null) return { kind: 'counter', name: counter };
  const timing = takeName(scanner, /timing\b/iy, 'timing');
  if (timing !== null) return { kind: 'timing', name: timing, ...takeStatistic(scanner, TIMES) };
  if (scanner.take(/iteration(?:\s+time)?\s+/iy) !== null) {
    return { kind: 'iteration', ...takeStatistic(scanner, `${TIMES} or error rate`) };
  }
  const prefix = scanner.take(/(latency|service)(?:\s+time)?\s+/iy)?.[1].toLowerCase();
  const kind = prefix === 'service' ? 'service' : 'latency';
  return { kind, ...takeStatistic(scanner, prefix === undefined ? METRICS : TIMES) };
}

const TIMES = 'p50 to p99.999, min, mean, max';
const METRICS = `${TIMES}, error rate, errors, rps, apdex, checks, check[name], timing[name], counter[name], iteration or iterations`;

/** The name in `check[name]`, null when something else stands there. It may hold brackets: the last one ends it. */
function takeName(scanner: ThresholdScanner, word: RegExp, what: string): string | null {
  if (scanner.take(word) === null) return null;
  const start = scanner.at;
  const name = scanner.take(/\s*\[(.*)\]\s*/y)?.[1].trim();
  if (name === undefined || name === '') throw scanner.unexpected(`a name: ${what}[name]`, start);
  return name;
}

function takeStatistic(scanner: ThresholdScanner, expected: string): Statistic {
  const statistic = scanner.take(/(min|mean|avg|max|median)\b/iy)?.[1].toLowerCase();
  if (statistic === 'median') return { statistic: 'quantile', quantile: 0.5 };
  if (statistic === 'avg') return { statistic: 'mean' };
  if (statistic !== undefined) return { statistic: statistic as 'min' | 'mean' | 'max' };
  const percent = scanner.peek(/p(\d+(?:\.\d+)?)(?![\w.])/iy)?.[1];
  if (percent === undefined) throw scanner.unexpected(expected);
  if (!(Number(percent) > 0 && Number(percent) < 100))
    throw scanner.unexpected('a percentile between p0 and p100');
  scanner.take(/p[\d.]+/iy);
  return { statistic: 'quantile', quantile: Number((Number(percent) / 100).toPrecision(12)) };
}

/** Endpoints have a latency and a ledger of their own, nothing else is kept for each of them. */
function refuseForEndpoint({ kind }: Metric, scanner: ThresholdScanner): void {
  if (kind === 'latency' || kind === 'error-rate' || kind === 'errors' || kind === 'rps') return;
  throw scanner.fault(`${kind} is measured for the whole run only, not for one endpoint`);
}

function takeLimit(scanner: ThresholdScanner, metric: Metric): number {
  const start = scanner.at;
  const amount = scanner.take(/(\d+(?:\.\d+)?)/y)?.[1];
  if (amount === undefined) throw scanner.unexpected('a number');
  const unit = scanner.take(/\s*(us|µs|ms|s|m|%)(?![\w%])/y)?.[1] ?? null;
  const limit = Number(amount);
  if ('statistic' in metric) {
    const unitMs = unit === null ? undefined : UNIT_MS[unit];
    if (unitMs === undefined)
      throw scanner.unexpected('a unit: us, ms, s or m', start + amount.length);
    return limit * unitMs;
  }
  const isShare = ['error-rate', 'checks', 'iteration-error-rate'].includes(metric.kind);
  if (isShare && unit !== '%') throw scanner.unexpected('a % sign', start + amount.length);
  if (!isShare && unit !== null) throw scanner.unexpected('no unit', start + amount.length);
  const most = isShare ? 100 : metric.kind === 'apdex' ? 1 : Infinity;
  if (limit > most) throw scanner.unexpected(`at most ${most}`, start);
  return limit;
}

function takeWindow(scanner: ThresholdScanner): number | null {
  const start = scanner.at;
  const text = scanner.take(/\s+for\s+([\w.]+)/iy)?.[1];
  if (text === undefined) return null;
  const windowMs = parseDuration(text, `threshold ${quoted(scanner.text)}`);
  if (windowMs < 1000) throw scanner.unexpected('a window of 1s or more', start);
  return windowMs;
}
