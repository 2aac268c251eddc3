import { parseDuration } from '../plan/duration.ts';
import { PlanError, quoted } from '../plan/errors.ts';
import type { Ledger } from './run-summary.ts';

/** What is compared. Latency is counted from when a request was due, service time from when it was sent. */
type Metric =
  | { readonly kind: 'latency' | 'service'; readonly statistic: 'min' | 'mean' | 'max' }
  | {
      readonly kind: 'latency' | 'service';
      readonly statistic: 'quantile';
      /** 0.99 for `p99`. */
      readonly quantile: number;
    }
  | { readonly kind: 'error-rate' | 'errors' | 'rps' | 'apdex' | 'checks' };

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
  readonly isLatency: boolean;
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
  /** Outcomes of the checks of a scenario; absent where there can be none. */
  readonly checks?: { readonly passed: number; readonly failed: number };
}

const EXAMPLES =
  "Write it like 'p99 < 50ms', 'error rate < 1%', 'rps > 1000', '[GET /cart] p95 < 80ms' or 'p95 < 200ms for 10s, abort'.";

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
};

/** Reads a threshold expression; throws a PlanError that points at the first character it cannot read. */
export function parseThreshold(expression: string): Threshold {
  const text = expression.trim();
  const scanner = new Scanner(text);
  const endpoint = scanner.take(/\[(.*)\]\s*/y)?.[1].trim() ?? null;
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
    isLatency: metric.kind === 'latency' || metric.kind === 'service',
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
  return { actual, ok: actual !== null && compare(actual, threshold.operator, threshold.limit) };
}

function measure(metric: Metric, view: MetricsView): number | null {
  if ('statistic' in metric) {
    const times = metric.kind === 'latency' ? view.latency : view.serviceTime;
    if (times.count === 0) return null;
    const micros =
      metric.statistic === 'quantile' ? times.quantile(metric.quantile) : times[metric.statistic];
    return micros / 1000;
  }
  if (metric.kind === 'checks') {
    const { passed, failed } = view.checks ?? { passed: 0, failed: 0 };
    return passed + failed === 0 ? null : (100 * passed) / (passed + failed);
  }
  const { scheduled, ok, failed, timedOut, dropped, inFlight } = view.ledger;
  const ended = scheduled - inFlight;
  if (ended <= 0) return null;
  const errors = failed + timedOut + dropped;
  switch (metric.kind) {
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

function compare(actual: number, operator: Threshold['operator'], limit: number): boolean {
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
  [/checks\b/iy, { kind: 'checks' }],
];

function takeMetric(scanner: Scanner): Metric {
  for (const [pattern, metric] of NAMED) if (scanner.take(pattern) !== null) return metric;
  const prefix = scanner.take(/(latency|service)(?:\s+time)?\s+/iy)?.[1].toLowerCase();
  const kind = prefix === 'service' ? 'service' : 'latency';
  const statistic = scanner.take(/(min|mean|avg|max|median)\b/iy)?.[1].toLowerCase();
  if (statistic === 'median') return { kind, statistic: 'quantile', quantile: 0.5 };
  if (statistic === 'avg') return { kind, statistic: 'mean' };
  if (statistic !== undefined) return { kind, statistic: statistic as 'min' | 'mean' | 'max' };
  const percent = scanner.peek(/p(\d+(?:\.\d+)?)(?![\w.])/iy)?.[1];
  if (percent === undefined) {
    throw scanner.unexpected(
      'p50 to p99.999, min, mean, max, error rate, errors, rps, apdex or checks',
    );
  }
  if (!(Number(percent) > 0 && Number(percent) < 100))
    throw scanner.unexpected('a percentile between p0 and p100');
  scanner.take(/p[\d.]+/iy);
  return { kind, statistic: 'quantile', quantile: Number((Number(percent) / 100).toPrecision(12)) };
}

/** Endpoints have a latency and a ledger of their own, nothing else is kept for each of them. */
function refuseForEndpoint(metric: Metric, scanner: Scanner): void {
  if (metric.kind === 'service' || metric.kind === 'apdex' || metric.kind === 'checks') {
    throw scanner.fault(`${metric.kind} is measured for the whole run only, not for one endpoint`);
  }
}

function takeLimit(scanner: Scanner, metric: Metric): number {
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
  const isShare = metric.kind === 'error-rate' || metric.kind === 'checks';
  if (isShare && unit !== '%') throw scanner.unexpected('a % sign', start + amount.length);
  if (!isShare && unit !== null) throw scanner.unexpected('no unit', start + amount.length);
  const most = isShare ? 100 : metric.kind === 'apdex' ? 1 : Infinity;
  if (limit > most) throw scanner.unexpected(`at most ${most}`, start);
  return limit;
}

function takeWindow(scanner: Scanner): number | null {
  const start = scanner.at;
  const text = scanner.take(/\s+for\s+([\w.]+)/iy)?.[1];
  if (text === undefined) return null;
  const windowMs = parseDuration(text, `threshold ${quoted(scanner.text)}`);
  if (windowMs < 1000) throw scanner.unexpected('a window of 1s or more', start);
  return windowMs;
}

class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  peek(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text);
  }

  take(pattern: RegExp): RegExpExecArray | null {
    const match = this.peek(pattern);
    if (match !== null) this.at += match[0].length;
    return match;
  }

  unexpected(expected: string, from = this.at): PlanError {
    const at = from + /^ */.exec(this.text.slice(from))![0].length;
    const found = at >= this.text.length ? 'the end' : quoted(this.text.slice(at));
    return this.fault(`expected ${expected}, found ${found}`, at);
  }

  fault(cause: string, at = this.at): PlanError {
    return new PlanError({
      code: 'PLAN_THRESHOLD',
      problem: 'Not a threshold',
      cause,
      where: `threshold ${quoted(this.text)}, character ${at + 1}`,
      remedy: EXAMPLES,
    });
  }
}
