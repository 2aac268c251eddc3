import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectRefusal, needletail, Scratch, summaryOf } from './process/needletail.fixture.ts';

const scratch = new Scratch();
let server: Server;
let target = '';
let lines: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    lines.push(`${request.method} ${request.url}`);
    if (request.url === '/prices') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end('id: 7\nevent: price\ndata: {"sku":1}\n\n');
    } else if (request.url === '/broken') response.writeHead(500).end('no such luck');
    else {
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('Set-Cookie', 'id=tops3cret');
      response.end('{"id":7}');
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  scratch.remove();
});
beforeEach(() => (lines = []));

const plan = (paths: readonly string[]): string =>
  scratch.write(
    'plan.yaml',
    `target: ${target}\nrequests:\n${paths.map((path) => `  - { path: ${path} }\n`).join('')}load: { rate: 5000, duration: 60s }\n`,
  );

const scenario = (body: string): string =>
  scratch.write(
    'scenario.js',
    `import { defineLoad } from 'needletail';
export default defineLoad({
  target: '${target}',
  load: { users: 50, duration: '60s' },
  async user({ http, check }) {
    ${body}
  },
});\n`,
  );

describe('needletail run --smoke', () => {
  it('sends each request of a plan once and shows a line for each', async () => {
    const { status, stdout, stderr } = await needletail(['run', plan(['/a', '/b']), '--smoke']);
    expect([status, stderr]).toEqual([0, '']);
    expect(lines).toEqual(['GET /a', 'GET /b']);
    expect(stdout).toMatch(
      /✓ 200 +GET \/a +[\d.]+ [mµ]s +\S+ B\n✓ 200 +GET \/b .*\n\n2 requests, none failed/,
    );
  });

  it('shows why a request failed, and exits 1', async () => {
    const { status, stdout } = await needletail(['run', plan(['/broken', '/a']), '--smoke']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ 500 +GET \/broken .*\n {4}no such luck\n✓ 200 +GET \/a/);
    expect(stdout).toContain('2 requests, 1 failed');
  });

  it('says that nothing answers', async () => {
    const { status, stdout } = await needletail(['http://127.0.0.1:1/', '--smoke']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ failed .*\n {4}.*nothing listens there/);
  });

  it('prints each exchange with --trace, credentials masked', async () => {
    const argv = [`${target}/a`, '-H', 'Authorization: Bearer tops3cret', '--smoke', '--trace'];
    const { stderr, stdout } = await needletail(argv);
    expect(stderr).toMatch(/^> GET http:.*\/a\n/);
    expect(stderr).toContain('> Authorization: Bearer [masked]\n');
    expect(stderr).toContain('< HTTP/1.1 200 OK\n');
    expect(stderr).toContain('< {"id":7}\n');
    expect(stderr).toMatch(/sent after .*, first byte after .*, .* in all/);
    expect(stderr + stdout).not.toContain('tops3cret');
  });

  it('runs one iteration of a scenario and shows its requests and checks', async () => {
    const file = scenario(
      `const answer = await http.get('/a');
       check(answer, { 'has an id': (r) => r.json().id === 7, 'is new': (r) => r.status === 201 });
       await http.get('/b');`,
    );
    const { status, stdout } = await needletail(['run', file, '--smoke', '--no-typecheck']);
    expect(lines).toEqual(['GET /a', 'GET /b']);
    expect(stdout).toContain('GET /a');
    expect(stdout).toContain('✓ check   has an id');
    expect(stdout).toContain('✗ check   is new');
    expect(status).toBe(1);
  }, 20_000);

  it('shows what a scenario threw', async () => {
    const file = scenario(`await http.get('/a'); throw new Error('out of luck');`);
    const { status, stdout } = await needletail(['run', file, '--smoke', '--no-typecheck']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ script .*out of luck\n/);
    expect(stdout).toContain('1 iteration, 1 failed');
  }, 20_000);
});

describe('needletail run --trace', () => {
  it('prints the exchanges of a scenario on standard error and the JSON alone on standard output', async () => {
    const file = scenario(`await http.post('/a', { json: { sku: 7 } });`);
    const argv = ['run', file, '-u', '1', '-i', '2', '--trace', '--json', '-', '--no-typecheck'];
    const ended = await needletail(argv);
    expect(summaryOf(ended).ledger).toMatchObject({ scheduled: 2, ok: 2 });
    expect(ended.stderr.match(/> POST http:.*\/a\n/g)).toHaveLength(2);
    expect(ended.stderr).toContain('> {"sku":7}\n');
    expect(ended.stderr).toContain('Set-Cookie: id=[masked]');
  }, 20_000);

  it('prints a line for each event of a stream', async () => {
    const file = scenario(
      `for await (const event of http.events('/prices', { reconnect: false })) void event;`,
    );
    const argv = ['run', file, '-u', '1', '-i', '1', '--trace', '--no-typecheck'];
    const { stderr } = await needletail(argv);
    expect(stderr).toMatch(
      /^< GET \/prices #1 +\S+ [mµ]s {2}event +9 B {2}price \(id 7\) {2}{"sku":1}$/m,
    );
    expect(stderr).toMatch(/^ {2}GET \/prices #1 .* end$/m);
  }, 20_000);

  it('is refused where there is nothing to trace', async () => {
    expectRefusal(await needletail([target, '--trace']), /Nothing to trace: .*add --smoke/);
    expect(lines).toEqual([]);
  });
});
