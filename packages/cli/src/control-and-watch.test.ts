import { freePort } from '@needletail/testkit/listening';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInspectedServer, type InspectedServer } from './process/inspected-server.fixture.ts';
import { expectRefusal, needletail, Scratch, summaryOf } from './process/needletail.fixture.ts';

const scratch = new Scratch();
let server: InspectedServer;
/** Its address. */
let target = '';

/** Two milliseconds of work for each answer, metrics beside it, an inspector to look in. */
const SERVER = `
const { createServer } = require('node:http');
let served = 0;
const server = createServer((request, response) => {
  if (request.url === '/metrics') {
    response.end('# TYPE http_requests_total counter\\nhttp_requests_total ' + served + '\\n');
    return;
  }
  served += 1;
  const end = performance.now() + 2;
  while (performance.now() < end);
  response.end('ok');
});
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log('port ' + server.address().port));
`;

const words = (line: string): string[] => line.split(' ');

beforeAll(async () => {
  server = await startInspectedServer(scratch.write('server.cjs', SERVER));
  target = server.url;
});
afterAll(async () => {
  await server.stop('SIGKILL');
  scratch.remove();
});

describe('needletail --watch-…', () => {
  it('shows the target’s own figures beside the run, and blames its processor', async () => {
    const ended = await needletail(
      words(
        `${target}/ -u 4 -d 3s --json - --watch-pid ${server.pid} --watch-node ${server.inspector} --watch-metrics ${target}/metrics`,
      ),
    );
    const { target: metrics, verdict, series, generator } = summaryOf(ended);
    const names = new Map(metrics!.series.map((one) => [one.name, one]));
    expect(metrics!.problems).toEqual([]);
    for (const name of ['CPU', 'memory', 'event loop busy', 'http_requests_total']) {
      expect(names.get(name)!.points.length, name).toBeGreaterThanOrEqual(2);
    }
    expect(names.get('http_requests_total')!.unit).toBe('per second');
    const times = new Set(series.map(({ t }) => t));
    for (const { t } of names.get('CPU')!.points) expect(times).toContain(t);
    // On a machine without a core to spare the generator is to blame, whatever the target shows.
    const isStarved = generator.starvedPercent !== null && generator.starvedPercent > 10;
    expect(verdict.bottleneck).toBe(isStarved ? 'generator' : 'target');
    const blame = /The target was out of processor: .* of one core/;
    if (!isStarved) expect(verdict.reasons.join()).toMatch(blame);
    expect(ended.stderr).toMatch(/event loop busy/);
  }, 20_000);

  it('says once what cannot be read, and measures all the same', async () => {
    const ended = await needletail(
      words(
        `${target}/ -u 1 -d 1s --json - --watch-metrics ${target}/ --watch-node 127.0.0.1:1 --watch-pid 999999999`,
      ),
    );
    const { target: metrics, ledger } = summaryOf(ended);
    expect(ended.status).toBe(0);
    expect(ledger.ok).toBeGreaterThan(100);
    expect(metrics!.problems).toHaveLength(3);
    expect(metrics!.problems.join()).toMatch(/no such process.*not in Prometheus text format/s);
  }, 20_000);

  it('watches the command that it starts', async () => {
    const file = scratch.write('server.cjs', SERVER);
    const port = String(await freePort());
    const ended = await needletail([
      ...words(`--on-port ${port} -u 2 -d 2s --json - --`),
      process.execPath,
      file,
      port,
    ]);
    const { target: metrics } = summaryOf(ended);
    expect(metrics!.series.map(({ name }) => name)).toContain('CPU');
  }, 20_000);
});

describe('needletail --control', () => {
  it('is asked over HTTP to pause, change and end the run', async () => {
    const replies: Promise<unknown>[] = [];
    let asked = false;
    const ended = await needletail(
      [`${target}/`, '-R', '50', '-d', '60s', '--control', '--json', '-'],
      {
        meanwhile: (stderr) => {
          const said = /control at (\S+), token (\S+)/.exec(stderr);
          if (said === null || asked || !/\n +1s /.test(stderr)) return;
          asked = true;
          const headers = { authorization: `Bearer ${said[2]}` };
          const post = async (path: string, body?: object): Promise<unknown> => {
            const init = { method: 'POST', headers, body: body && JSON.stringify(body) };
            const response = await fetch(`${said[1]}${path}`, init as RequestInit);
            return response.json();
          };
          replies.push(
            post('/pause')
              .then(() => new Promise((resolve) => setTimeout(resolve, 500)))
              .then(() => post('/resume'))
              .then(() => post('/rate', { rate: 80 }))
              .then(() => new Promise((resolve) => setTimeout(resolve, 500)))
              .then(() => post('/stop')),
          );
        },
      },
    );
    expect(await Promise.all(replies)).toMatchObject([{ state: 'stopping', rate: 80 }]);
    const { control, ended: how, ledger, verdict } = summaryOf(ended);
    expect(control.map(({ action }) => action)).toEqual(['pause', 'resume', 'rate', 'stop']);
    expect([how, ledger.dropped, ledger.failed]).toEqual(['interrupted', 0, 0]);
    expect(verdict.reasons.join()).toContain('rate set to 80/s');
  }, 20_000);

  it('does not repeat a token that was given', async () => {
    const argv = [`${target}/`, '-n', '5', '--control=0', '--control-token', 'my-own-token'];
    const { stderr, stdout } = await needletail(argv);
    expect(stderr).toMatch(/control at http:\/\/127\.0\.0\.1:\d+\n/);
    expect(stderr + stdout).not.toContain('my-own-token');
  });

  it.each([
    [['--control', 'http://127.0.0.1/'], /Bad value for --control: not a port/],
    [['--control-token', 'my-own-token'], /Add --control/],
    [['--watch-pid', 'me'], /not the number of a process/],
    [['--watch-metrics', 'nowhere'], /not an http address/],
    [['--watch-node', 'x'], /not host:port/],
  ])('refuses %s', async (flags, message) => {
    expectRefusal(await needletail([`${target}/`, ...flags]), message);
  });
});
