import { describe, expect, it } from 'vitest';
import { parsePlanFile } from './parse-plan-file.ts';
import type { PlanError } from './errors.ts';
import { resolveDefinition } from './resolve-definition.ts';
import { resolvePlan } from './resolve-plan.ts';

const context = { cwd: '/work-dir', readFile: () => Promise.reject(new Error('none')) };
const url = 'http://h:9100/metrics';

async function watchOf(yaml: string, env: readonly string[] = []): Promise<unknown> {
  const plan = parsePlanFile(`target: http://h\n${yaml}`, 'plan.yaml');
  return (await resolvePlan(plan, { env }, context)).watch;
}

describe('resolvePlan, watch', () => {
  it('reads processes, endpoints and inspectors, variables filled in', async () => {
    const yaml = `vars: { pid: 12, port: 9229 }
watch:
  - pid: 4711
  - pid: '{{pid}}'
  - metrics: ${url}
  - { metrics: '${url}', only: [up, 'a{b="c"}'] }
  - node: 127.0.0.1:9229
  - node: '{{port}}'
`;
    expect(await watchOf(yaml, ['pid=13'])).toEqual([
      { kind: 'pid', pid: 4711 },
      { kind: 'pid', pid: 13 },
      { kind: 'metrics', url, metrics: [] },
      { kind: 'metrics', url, metrics: ['up', 'a{b="c"}'] },
      { kind: 'node', address: '127.0.0.1:9229' },
      { kind: 'node', address: '127.0.0.1:9229' },
    ]);
    expect(await watchOf('')).toEqual([]);
  });

  it.each([
    ['watch: 12', 'Wrong value: watch is number 12 (watch, plan.yaml:2:8). Give a list such as'],
    ['watch: [12]', 'Wrong value: watch[0] is number 12 (watch[0], plan.yaml:2:9). Give an entry'],
    [
      'watch: [{ pdi: 12 }]',
      '"pdi" is no setting of watch[0] (watch[0].pdi, plan.yaml:2:11). Did you mean "pid"? Known are pid, metrics, only, node.',
    ],
    [
      'watch: [{ pid: self }]',
      '"self" is not the number of a process (watch[0].pid, plan.yaml:2:16).',
    ],
    [
      'watch: [{ metrics: localhost:9100 }]',
      '"localhost:9100" is not an http address (watch[0].metrics',
    ],
    ['watch: [{ node: ws://h/x }]', '"ws://h/x" is not host:port (watch[0].node'],
    [
      'watch: [{}]',
      'it says nothing to read (watch[0], plan.yaml:2:9). Give one of pid, metrics and node',
    ],
    ['watch: [{ pid: 1, node: 9229 }]', 'it says several things to read (watch[0]'],
    ['watch: [{ pid: 1, only: [up] }]', 'only picks figures of a metrics endpoint (watch[0]'],
    [
      `watch: [{ metrics: '${url}', only: ['a{b}'] }]`,
      '"a{b}" is not a filter of metrics (watch[0].only[0]',
    ],
  ])('refuses %s', async (yaml, message) => {
    const error = (await watchOf(yaml).catch((cause: unknown) => cause)) as PlanError;
    expect(error.message).toContain(message);
  });
});

describe('resolveDefinition, watch', () => {
  const resolve = (watch: unknown): Promise<unknown> =>
    resolveDefinition({ target: 'http://h', user: () => undefined, watch }, {}, context).then(
      (plan) => plan.watch,
    );

  it('takes the same', async () => {
    const watch = [{ pid: 4711 }, { metrics: url, only: ['up'] }, { node: '[::1]:9229' }];
    expect(await resolve(watch)).toEqual([
      { kind: 'pid', pid: 4711 },
      { kind: 'metrics', url, metrics: ['up'] },
      { kind: 'node', address: '[::1]:9229' },
    ]);
  });

  it.each([
    ['pid', 'watch is "pid"'],
    [[{ pdi: 1 }], '"pdi" is no setting of watch[0] (watch[0].pdi). Did you mean "pid"?'],
    [[{ pid: -1 }], '"-1" is not the number of a process (watch[0].pid)'],
    [[{ metrics: 5 }], 'watch[0].metrics is number 5'],
  ])('refuses %j', async (watch, message) => {
    await expect(resolve(watch)).rejects.toThrow(message);
  });
});
