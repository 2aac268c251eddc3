import type { RunSummary } from '@needletail/load/summary';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInspectedServer, type InspectedServer } from './process/inspected-server.fixture.ts';
import { expectRefusal, needletail, Scratch, summaryOf } from './process/needletail.fixture.ts';

/**
 * A server that does nothing itself: a child of it burns processor time from the start, another one from the first request
 * on, and the first is ended two seconds after the other has begun.
 */
const SERVER = `
const { spawn } = require('node:child_process');
const { createServer } = require('node:http');
const burner = () => spawn(process.execPath, ['-e', 'console.log(1); for (;;);'], { stdio: ['ignore', 'pipe', 'inherit'] });
const first = burner();
let second = null;
let served = 0;
const server = createServer((request, response) => {
  if (request.url === '/metrics') return response.end('jobs_total{kind="a"} ' + served + '\\njobs_total{kind="b"} 7\\n');
  served += 1;
  if (second === null) {
    second = burner();
    second.stdout.once('data', () => setTimeout(() => first.kill('SIGKILL'), 2000));
  }
  response.end('ok');
});
first.stdout.once('data', () => server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port)));
process.once('SIGTERM', () => {
  for (const child of [first, second]) child?.kill('SIGKILL');
  process.exit();
});
`;

const scratch = new Scratch();
let server: InspectedServer;

beforeAll(async () => {
  server = await startInspectedServer(scratch.write('server.cjs', SERVER));
}, 30_000);
afterAll(async () => {
  await server.stop('SIGTERM');
  scratch.remove();
});

type Series = NonNullable<RunSummary['target']>['series'][number];

describe('watch of a plan', () => {
  it('shows a whole tree of processes, an endpoint and an event loop beside the run', async () => {
    scratch.write(
      'plan.yaml',
      `target: ${server.url}
load: { rate: 20, duration: 5s }
vars: { pid: '0' }
watch:
  - { pid: '{{pid}}' }
  - { metrics: '${server.url}/metrics', only: ['jobs_total{kind="a"}'] }
  - { node: '${server.inspector}' }
`,
    );
    const ended = await needletail(
      ['run', 'plan.yaml', '-e', `pid=${server.pid}`, '--threshold', 'none', '--json', '-'],
      { cwd: scratch.path },
    );
    const { target: metrics, ledger } = summaryOf(ended);
    expect(metrics!.problems).toEqual([]);
    // What is read of the target is no request of the run.
    expect(ledger.scheduled).toBe(100);
    const find = (name: string): Series => metrics!.series.find((one) => one.name === name)!;
    expect(find('event loop busy').source).toContain(server.inspector);
    const jobs = find('jobs_total{kind="a"}');
    expect(jobs.unit).toBe('per second');
    expect(jobs.points.length).toBeGreaterThanOrEqual(2);
    expect(metrics!.series.some(({ name }) => name.includes('kind="b"'))).toBe(false);

    const cpu = find('CPU');
    expect(cpu.source).toBe(`pid ${server.pid}`);
    // The parent alone does next to nothing.
    expect(Math.max(...cpu.points.map(({ value }) => value))).toBeGreaterThan(20);
    if (process.platform !== 'linux') return;
    const busiest = new Map(find('busiest thread').points.map(({ t, value }) => [t, value]));
    const others = cpu.points.map(({ t, value }) => value - busiest.get(t)!);
    expect(Math.max(...others)).toBeGreaterThan(5);
    const threads = find('threads').points.map(({ value }) => value);
    // Three processes at the most, of much the same number of threads, then two: one of those that were there has ended.
    expect(threads.at(-1)!).toBeLessThan(Math.max(...threads));
    expect(threads.at(-1)!).toBeGreaterThan(Math.max(...threads) / 2);
    expect(ended.stderr).toMatch(/^Target .*min +mean +max/m);
  }, 30_000);

  it.each([
    ['- { pid: me }', /"me" is not the number of a process .*plan\.yaml:3:12\)/],
    ['- { pid: 1, node: 9229 }', /several things to read .*plan\.yaml:3:5\)/],
    ['- { cpu: true }', /"cpu" is no setting .*plan\.yaml:3:7\)/],
    ['- { metrics: /metrics }', /"\/metrics" is not an http address .*plan\.yaml:3:16\)/],
  ])('refuses %s, with its place', async (entry, message) => {
    scratch.write('plan.yaml', `target: ${server.url}\nwatch:\n  ${entry}\n`);
    expectRefusal(await needletail(['run', 'plan.yaml'], { cwd: scratch.path }), message);
  });
});
