import { describe, expect, it } from 'vitest';
import { judgeThreshold, parseThreshold } from './threshold.ts';
import type { MetricsView, ScriptMetricsView } from './threshold.ts';

const quantile = (of: number) => ({ kind: 'latency', statistic: 'quantile', quantile: of });

describe('parseThreshold', () => {
  it.each([
    ['p99 < 50ms', quantile(0.99), '<', 50],
    ['p99.9 <= 1s', quantile(0.999), '<=', 1000],
    ['p99.99<1.5s', quantile(0.9999), '<', 1500],
    ['median < 800us', quantile(0.5), '<', 0.8],
    ['latency p50 < 1m', quantile(0.5), '<', 60_000],
    ['max < 1s', { kind: 'latency', statistic: 'max' }, '<', 1000],
    ['min >= 1ms', { kind: 'latency', statistic: 'min' }, '>=', 1],
    ['mean < 20ms', { kind: 'latency', statistic: 'mean' }, '<', 20],
    ['avg < 20ms', { kind: 'latency', statistic: 'mean' }, '<', 20],
    ['service p99 < 20ms', { ...quantile(0.99), kind: 'service' }, '<', 20],
    ['service time max < 20ms', { kind: 'service', statistic: 'max' }, '<', 20],
    ['error rate < 1%', { kind: 'error-rate' }, '<', 1],
    ['error-rate <= 0.05 %', { kind: 'error-rate' }, '<=', 0.05],
    ['errors < 10', { kind: 'errors' }, '<', 10],
    ['RPS > 1000', { kind: 'rps' }, '>', 1000],
    ['apdex > 0.9', { kind: 'apdex' }, '>', 0.9],
    ['checks > 99%', { kind: 'checks', name: null }, '>', 99],
    ['check[cart created] > 99%', { kind: 'checks', name: 'cart created' }, '>', 99],
    ['checks[a[0]] >= 1%', { kind: 'checks', name: 'a[0]' }, '>=', 1],
    ['counter[ orders ] > 100', { kind: 'counter', name: 'orders' }, '>', 100],
    [
      'timing[checkout / pay] p95 < 300ms',
      { kind: 'timing', name: 'checkout / pay', statistic: 'quantile', quantile: 0.95 },
      '<',
      300,
    ],
    ['iteration p95 < 5s', { ...quantile(0.95), kind: 'iteration' }, '<', 5000],
    ['iteration time max < 5s', { kind: 'iteration', statistic: 'max' }, '<', 5000],
    ['iteration error rate < 1%', { kind: 'iteration-error-rate' }, '<', 1],
    ['iterations > 1000', { kind: 'iterations' }, '>', 1000],
  ])('%s', (expression, metric, operator, limit) => {
    expect(parseThreshold(` ${expression} `)).toMatchObject({
      expression,
      endpoint: null,
      metric,
      operator,
      limit,
      windowMs: null,
      abort: false,
    });
  });

  it('takes an endpoint, a window and an abort', () => {
    expect(parseThreshold('[GET /a[0]] p95 < 80ms for 1m30s, abort')).toMatchObject({
      endpoint: 'GET /a[0]',
      metric: quantile(0.95),
      windowMs: 90_000,
      abort: true,
    });
  });

  it('tells latency and error rate from the rest', () => {
    const told = ['p99 < 1s', 'service max < 1s', 'error rate < 1%', 'rps > 1'].map(
      (expression) => {
        const { isLatency, isErrorRate } = parseThreshold(expression);
        return [isLatency, isErrorRate];
      },
    );
    expect(told).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  it.each([
    ['', 'expected p50 to p99.999', 'character 1'],
    ['check > 99%', 'expected a name: check[name], found "> 99%"', 'character 7'],
    ['counter[] > 1', 'expected a name: counter[name]', 'character 8'],
    ['timing[login] < 1s', 'expected p50 to p99.999, min, mean, max, found "< 1s"', 'character 15'],
    ['timing[login] p95 < 1', 'expected a unit', 'character 22'],
    ['check[a] > 1', 'expected a % sign', 'character 13'],
    ['counter[a] > 1%', 'expected no unit', 'character 15'],
    ['iteration < 1s', 'max or error rate, found "< 1s"', 'character 11'],
    ['iteration error rate < 1', 'expected a % sign', 'character 25'],
    ['[GET /] check[a] > 1%', 'for the whole run only', 'character'],
    ['[GET /] iterations > 1', 'for the whole run only', 'character'],
    ['p99', 'expected one of < <= > >=, found the end', 'character 4'],
    ['p99 == 5ms', 'expected one of < <= > >=, found "== 5ms"', 'character 5'],
    ['p99 << 5ms', 'expected a number, found "< 5ms"', 'character 6'],
    ['p99 < 50', 'expected a unit: us, ms, s or m, found the end', 'character 9'],
    ['p99 < 50%', 'expected a unit: us, ms, s or m, found "%"', 'character 9'],
    ['p99 < -5ms', 'expected a number', 'character 7'],
    ['p100 < 1s', 'a percentile between p0 and p100', 'character 1'],
    ['p0 < 1s', 'a percentile between p0 and p100', 'character 1'],
    ['p99th < 1s', 'expected p50 to p99.999', 'character 1'],
    ['error rate < 0.01', 'expected a % sign', 'character 18'],
    ['error rate < 101%', 'expected at most 100', 'character 14'],
    ['apdex > 2', 'expected at most 1', 'character 9'],
    ['rps > 10ms', 'expected no unit', 'character 9'],
    ['p99 < 5ms and p50 < 1ms', "expected 'for <duration>'", 'character 11'],
    ['p99 < 5ms, error rate < 1%', 'one threshold each', 'character 10'],
    ['p99 < 5ms for 10ms', 'a window of 1s or more', 'character 11'],
    ['[GET /] service p99 < 5ms', 'for the whole run only', 'character'],
    ['[GET /] apdex > 0.5', 'for the whole run only', 'character'],
  ])('refuses %j', (expression, cause, position) => {
    expect(() => parseThreshold(expression)).toThrow(cause);
    expect(() => parseThreshold(expression)).toThrow(position);
  });
});

const times = (scale: number) => ({
  count: 100,
  min: 1000 * scale,
  mean: 20_000 * scale,
  max: 90_000 * scale,
  quantile: (q: number) => q * 100_000 * scale,
});

const scriptView: ScriptMetricsView = {
  iterations: { scheduled: 110, ok: 96, failed: 1, dropped: 3, inFlight: 10 },
  iterationDuration: times(4),
  check: (name) =>
    name === null
      ? { passed: 199, failed: 1 }
      : name === 'cart created'
        ? { passed: 98, failed: 2 }
        : null,
  counter: (name) => (name === 'orders' ? 120 : null),
  timing: (name) => (name === 'login' ? times(2) : null),
};

function view(changes: Partial<MetricsView> = {}): MetricsView {
  return {
    ledger: { scheduled: 110, ok: 90, failed: 6, timedOut: 3, dropped: 1, inFlight: 10 },
    elapsedMs: 3000,
    latency: times(1),
    serviceTime: times(0.5),
    apdex: () => 0.75,
    endpoint: () => null,
    ...changes,
  };
}

describe('judgeThreshold', () => {
  it.each([
    ['p99 < 99.1ms', 99, true],
    ['p99 < 99ms', 99, false],
    ['p99 <= 99ms', 99, true],
    ['service p50 < 25.1ms', 25, true],
    ['min > 1ms', 1, false],
    ['mean >= 20ms', 20, true],
    ['max < 0.05s', 90, false],
    ['error rate < 10%', 10, false],
    ['error rate <= 10%', 10, true],
    ['errors < 11', 10, true],
    ['rps > 29', 30, true],
    ['apdex > 0.8', 0.75, false],
  ])('%s finds %f: %s', (expression, actual, ok) => {
    expect(judgeThreshold(parseThreshold(expression), view())).toEqual({ actual, ok });
  });

  it('looks at the endpoint it names', () => {
    const cart = view({ ledger: { ...view().ledger, failed: 0, timedOut: 0, dropped: 0 } });
    const whole = view({ endpoint: (name) => (name === 'GET /cart' ? cart : null) });
    const judge = (expression: string) => judgeThreshold(parseThreshold(expression), whole);
    expect(judge('[GET /cart] error rate < 1%')).toEqual({ actual: 0, ok: true });
    expect(judge('[GET /card] error rate < 1%')).toEqual({ actual: null, ok: false });
  });

  it.each([
    ['checks > 99%', 99.5, true],
    ['check[cart created] > 99%', 98, false],
    ['check[cart crated] > 99%', null, false],
    ['counter[orders] > 100', 120, true],
    ['counter[order] > 100', null, false],
    ['timing[login] p95 < 300ms', 190, true],
    ['timing[logon] p95 < 300ms', null, false],
    ['iteration p95 < 5s', 380, true],
    ['iterations > 1000', 97, false],
    ['iteration error rate < 5%', 4, true],
  ])('%s finds %s in what scripts left: %s', (expression, actual, ok) => {
    expect(judgeThreshold(parseThreshold(expression), view({ scripts: scriptView }))).toEqual({
      actual,
      ok,
    });
    expect(judgeThreshold(parseThreshold(expression), view())).toEqual({ actual: null, ok: false });
  });

  it('finds no errors of requests where iterations did without any', () => {
    const nothing = { scheduled: 0, ok: 0, failed: 0, timedOut: 0, dropped: 0, inFlight: 0 };
    const judge = (expression: string, scripts: ScriptMetricsView) =>
      judgeThreshold(parseThreshold(expression), view({ ledger: nothing, scripts }));
    expect(judge('error rate < 1%', scriptView)).toEqual({ actual: 0, ok: true });
    const none = { scheduled: 4, ok: 0, failed: 4, dropped: 0, inFlight: 0 };
    const failing = { ...scriptView, iterations: none };
    expect(judge('error rate < 1%', failing)).toEqual({ actual: null, ok: false });
    expect(judge('rps > 1', scriptView)).toEqual({ actual: null, ok: false });
  });

  it.each(['p99 < 1s', 'error rate < 1%', 'errors < 10', 'rps < 10', 'apdex >= 0'])(
    '%s is not ok when nothing has happened',
    (expression) => {
      const nothing = { scheduled: 5, ok: 0, failed: 0, timedOut: 0, dropped: 0, inFlight: 5 };
      const empty = { count: 0, min: 0, mean: 0, max: 0, quantile: () => 0 };
      const idle = view({ ledger: nothing, latency: empty, serviceTime: empty });
      expect(judgeThreshold(parseThreshold(expression), idle)).toEqual({ actual: null, ok: false });
    },
  );
});
