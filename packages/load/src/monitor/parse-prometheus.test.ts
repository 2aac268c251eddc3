import { describe, expect, it } from 'vitest';
import { matches, parseMetricSelector, parsePrometheus } from './parse-prometheus.ts';

function read(text: string) {
  return parsePrometheus(text).map(({ name, labels, value, type }) => [
    name,
    Object.fromEntries(labels),
    value,
    type,
  ]);
}

describe('parsePrometheus', () => {
  it('reads names, labels, values and types', () => {
    const text = [
      '# HELP http_requests_total All of them.',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'http_requests_total{ method = "get" , } 3',
      '',
      '   # TYPE heap gauge',
      'heap 1.5e+06',
      'untold -0.25',
      '# TYPE wait summary',
      'wait{quantile="0.9"} NaN',
      'wait_sum 7',
      '# TYPE took histogram',
      'took_bucket{le="+Inf"} 144320',
      'floor -Inf\r',
      '# TYPE jobs counter',
      'jobs_total .5',
      '# EOF',
    ].join('\n');
    expect(read(text)).toEqual([
      ['http_requests_total', { method: 'post', code: '200' }, 1027, 'counter'],
      ['http_requests_total', { method: 'get' }, 3, 'counter'],
      ['heap', {}, 1.5e6, 'gauge'],
      ['untold', {}, -0.25, 'untyped'],
      ['wait', { quantile: '0.9' }, Number.NaN, 'summary'],
      ['wait_sum', {}, 7, 'summary'],
      ['took_bucket', { le: '+Inf' }, 144_320, 'histogram'],
      ['floor', {}, -Infinity, 'untyped'],
      ['jobs_total', {}, 0.5, 'counter'],
    ]);
  });

  it('reads escapes and anything else between quotes', () => {
    const text = String.raw`files{path="C:\\DIR\\",says="a \"}\" = {x,\n",empty=""} 1`;
    expect(read(text)).toEqual([
      ['files', { path: 'C:\\DIR\\', says: 'a "}" = {x,\n', empty: '' }, 1, 'untyped'],
    ]);
  });

  it.each([
    ['<!doctype html>', /no name of a metric \(line 1: <!doctype html>\)/],
    ['ok 1\n{"json": true}', /no name of a metric \(line 2/],
    ['a', /"" is no number/],
    ['a one', /"one" is no number/],
    ['a 0x10', /"0x10" is no number/],
    ['a{b} 1', /no = after label b/],
    ['a{b=c} 1', /no quoted value of label b/],
    ['a{b="c} 1', /no end to the value of label b/],
    ['a{b="c"', /no name of a label/],
    ['a{1="c"} 1', /no name of a label/],
    ['a{b="c\\', /no end to the value/],
  ])('refuses %j and says where', (text, message) => {
    expect(() => parsePrometheus(text)).toThrow(message);
  });

  it('takes time in proportion to the text', () => {
    const line = `a{${Array.from({ length: 20_000 }, (_, n) => `l${n}="${'x'.repeat(20)}"`).join(',')}} 1`;
    const before = performance.now();
    expect(parsePrometheus(line)[0]!.labels.size).toBe(20_000);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

describe('parseMetricSelector', () => {
  const [sample] = parsePrometheus('http_requests_total{method="get",code="200"} 5');

  it.each([
    ['http_requests_total', true],
    ['http_requests_total{code="200"}', true],
    [' http_requests_total{code="200", method="get"} ', true],
    ['http_requests_total{code="500"}', false],
    ['http_requests_total{path="/"}', false],
    ['http_requests', false],
  ])('%s matches: %s', (text, expected) => {
    expect(matches(parseMetricSelector(text), sample!)).toBe(expected);
  });

  it.each(['', '{a="b"}', 'name{a}', 'name other'])('refuses %j', (text) => {
    expect(() => parseMetricSelector(text)).toThrow(/Prometheus text format/);
  });
});
