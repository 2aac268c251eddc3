import { describe, expect, it } from 'vitest';
import { PlanFileError } from './errors.ts';
import { parsePlanFile } from './parse-plan-file.ts';

function faultOf(text: string): PlanFileError {
  try {
    parsePlanFile(text, 'plan.yaml');
  } catch (error) {
    if (error instanceof PlanFileError) return error;
    throw error;
  }
  throw new Error('expected the plan to be refused');
}

describe('parsePlanFile', () => {
  it('reads YAML and JSON alike', () => {
    const data = { target: 'http://h', load: { users: 5, duration: '10s' }, timeout: 2 };
    const yaml = 'target: http://h\nload: { users: 5, duration: 10s }\ntimeout: 2\n';
    expect(parsePlanFile(yaml, 'p.yaml').data).toEqual(data);
    expect(parsePlanFile(JSON.stringify(data), 'p.json').data).toEqual(data);
  });

  it('knows where everything stands, through aliases too', () => {
    const text = 'json:\n  x: &a [1, 22]\n  y: *a\nheaders: {A: x}\n';
    const { positionOf } = parsePlanFile(text, 'p.yaml');
    const second = { file: 'p.yaml', line: 2, column: 13, source: '  x: &a [1, 22]' };
    expect(positionOf(['json', 'x', 1])).toEqual(second);
    expect(positionOf(['json', 'y', 1])).toEqual(second);
    expect(positionOf(['headers', 'A'])).toMatchObject({ line: 4, column: 14 });
    expect(positionOf(['nowhere'])).toMatchObject({ line: 1, column: 1 });
  });

  it('lists every fault with its line, in the order of the file', () => {
    const error = faultOf('target: 5\nload:\n  rate: 5\n  user: 5\ntimeout: [1]\nrequets: []\n');
    expect(error.faults.map(({ position }) => [position!.line, position!.column])).toEqual([
      [1, 9],
      [4, 3],
      [5, 10],
      [6, 1],
    ]);
    expect(error.message.split('\n').slice(0, 6)).toEqual([
      'Wrong value: target is number 5 (target, plan.yaml:1:9). Give text, in quotes where it looks like something else.',
      '  1 | target: 5',
      '    |         ^',
      'Unknown key: "user" is no setting of a load with a rate (load.user, plan.yaml:4:3). Known are scenario, rate, duration, requests, arrivals.',
      '  4 |   user: 5',
      '    |   ^',
    ]);
    expect(error).toMatchObject({ file: 'plan.yaml', code: 'PLAN_SHAPE', where: 'target' });
  });

  it.each([
    ['requets: 1', 'Did you mean "requests"?'],
    ['requests: [{ metod: GET }]', 'Did you mean "method"?'],
    ['load: { duraton: 5s }', 'Did you mean "duration"?'],
    ['load: { stages: [{ duration: 5s, user: 1 }] }', 'Did you mean "users"?'],
    ['load: { scenario: spke }', 'Did you mean "spike"?'],
    ['__proto__: { a: 1 }', 'Unknown key: "__proto__"'],
  ])('suggests a key: %s', (text, suggestion) => {
    expect(faultOf(text).message).toContain(suggestion);
  });

  it.each([
    ['', 'the file is empty'],
    ['- a', 'the file is a list'],
    ['load: 5', 'load is number 5 (load, plan.yaml:1:7). Give a load such as'],
    ['timeout:', 'timeout is empty'],
    [
      'requests: []',
      'requests is an empty list (requests, plan.yaml:1:11). Give at least one request.',
    ],
    ['requests: [7]', 'requests[0] is number 7'],
    ['insecure: "yes"', 'insecure is "yes" (insecure, plan.yaml:1:11). Give true or false.'],
    ['headers: { A: { b: 1 } }', 'Give a map of names to values'],
    ['feed: { file: a, format: xls }', 'with format csv, tsv, json or ndjson'],
    ['load: { rate: .inf }', 'load.rate is number Infinity'],
    ['load: { rate: .nan }', 'load.rate is number NaN'],
    ['load: { scenario: spike }', 'there is no load.spikeUsers'],
    ['load: { scenario: gradual, users: 5 }', 'there is no load.rampUp'],
    ['load: { scenario: constant, rampUp: 5s }', '"rampUp" is no setting of scenario constant'],
    ['load: { users: 5, rate: 5 }', '"users" is no setting of a load with a rate'],
    ['a: 1\na: 2', 'map keys must be unique (syntax, plan.yaml:2:1)'],
    ['a: [1,', 'Plan not readable'],
    ['a: 1\n\tb: 2', 'tabs are not allowed as indentation (syntax, plan.yaml:2:1)'],
    ['a: 1\n---\nb: 2', 'multiple documents'],
    ['a: !secret 1', 'unresolved tag: !secret'],
    ['target: {{base}}', 'Put texts that begin with {{ in quotes.'],
    ['a: *b', 'unresolved alias'],
    ['json: &a [*a]', 'an alias holds itself'],
  ])('refuses %j', (text, cause) => {
    expect(faultOf(text).message).toContain(cause);
  });

  it('refuses a bomb of aliases and a file no person wrote', () => {
    const levels = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const [name, of] of [
      ['b', 'a'],
      ['c', 'b'],
      ['d', 'c'],
      ['json', 'd'],
    ]) {
      levels.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(',')}]`);
    }
    expect(faultOf(levels.join('\n')).message).toContain('excessive alias count');
    expect(faultOf(`# ${'x'.repeat(4 * 2 ** 20)}`).message).toContain('larger than 4 MiB');
  });
});
