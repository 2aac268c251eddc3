import { describe, expect, it } from 'vitest';
import { judgeThreshold, parseThreshold } from './threshold.ts';
import type { MetricsView } from './threshold.ts';

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
    ['checks > 99%', { kind: 'checks' }, '>', 99],
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

function view(changes: Partial<MetricsView> = {}): MetricsView {
  const times = (scale: number) => ({
    count: 100,
    min: 1000 * scale,
    mean: 20_000 * scale,
    max: 90_000 * scale,
    quantile: (q: number) => q * 100_000 * scale,
  });
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

  it('judges checks where there are any', () => {
    const threshold = parseThreshold('checks > 99%');
    const checks = { passed: 199, failed: 1 };
    expect(judgeThreshold(threshold, view({ checks }))).toEqual({ actual: 99.5, ok: true });
    expect(judgeThreshold(threshold, view())).toEqual({ actual: null, ok: false });
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
