import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlanFile } from '../plan/plan-file.ts';
import { parsePlanFile } from '../plan/parse-plan-file.ts';
import { resolvePlan } from '../plan/resolve-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { smokePlan } from './smoke-plan.ts';

interface Seen {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: readonly string[];
  readonly body: string;
}

let server: Server;
let seen: Seen[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method, url, headers, rawHeaders } = request;
      seen.push({ line: `${method} ${url}`, headers, raw: rawHeaders, body });
      if (url === '/moved') response.writeHead(302, { Location: '/ok' });
      if (url === '/broken') {
        response.writeHead(500, { 'Set-Cookie': 'id=secret; Path=/' });
        response.end('no such\n  luck');
      } else if (url === '/reset') request.socket.destroy();
      else response.end('ok');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());
beforeEach(() => (seen = []));

async function planOf(requests: string, more = ''): Promise<Plan> {
  const { port } = server.address() as AddressInfo;
  const text = `target: http://127.0.0.1:${port}\nrequests:\n${requests}\nload: { users: 1, duration: 1s }\n${more}`;
  const file: PlanFile = parsePlanFile(text, 'plan.yaml');
  return resolvePlan(
    file,
    {},
    {
      cwd: '/',
      readFile: () => Promise.resolve(Buffer.from('sku\nfirst thing\nsecond\n')) as never,
    },
  );
}

describe('smokePlan', () => {
  it('sends each request once, in order, as a run would send it', async () => {
    const plan = await planOf(
      [
        '  - { path: /ok }',
        '  - { method: POST, path: "/cart/{{sku}}?n={{iteration}}", headers: { X-Own: "1" }, body: "{{sku}} ü" }',
        '  - { method: PUT, path: /ok }',
      ].join('\n'),
      'feed: items.csv',
    );
    const told: string[] = [];
    const results = await smokePlan(plan, { onResult: ({ name }) => told.push(name) });
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(told).toEqual(results.map(({ name }) => name));
    expect(seen.map(({ line }) => line)).toEqual([
      'GET /ok',
      'POST /cart/first%20thing?n=0',
      'PUT /ok',
    ]);
    expect(seen[1]!.body).toBe('first thing ü');
    expect(seen[1]!.headers).toMatchObject({
      'x-own': '1',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '14',
      accept: '*/*',
    });
    expect(seen[1]!.headers['user-agent']).toMatch(/^needletail\//);
    expect(seen[1]!.headers).not.toHaveProperty('accept-encoding');
    expect(seen[2]!.headers['content-length']).toBe('0');
  });

  it('says which failed and why, and goes on', async () => {
    const plan = await planOf(
      '  - { path: /broken }\n  - { path: /reset }\n  - { path: /moved }\n  - { path: /ok }',
    );
    const results = await smokePlan(plan);
    expect(results.map(({ ok }) => ok)).toEqual([false, false, true, true]);
    const [broken, reset, moved] = results.map(({ exchange }) => exchange);
    expect(broken!.response!.status).toBe(500);
    expect(Buffer.from(broken!.response!.body.head).toString()).toBe('no such\n  luck');
    expect(broken!.response!.headers).toContainEqual(['Set-Cookie', 'id=[masked]; Path=/']);
    expect(reset!.response).toBeNull();
    expect(reset!.error).toMatch(/\/reset/);
    expect(moved!.response!.status).toBe(302);
    expect(seen.map(({ line }) => line)).toEqual([
      'GET /broken',
      'GET /reset',
      'GET /moved',
      'GET /ok',
    ]);
  });

  it('keeps no cookie from one request for the next', async () => {
    await smokePlan(await planOf('  - { path: /broken }\n  - { path: /ok }'));
    expect(seen[1]!.headers).not.toHaveProperty('cookie');
  });

  it('knows when each part came', async () => {
    const [result] = await smokePlan(await planOf('  - { path: /ok }'));
    const { sent, firstByte, total } = result!.exchange.timesMs;
    expect(sent!).toBeGreaterThan(0);
    expect(firstByte!).toBeGreaterThanOrEqual(sent!);
    expect(total).toBeGreaterThanOrEqual(firstByte!);
  });

  it('ends when it is told to', async () => {
    const ending = new AbortController();
    const plan = await planOf('  - { path: /ok }\n  - { path: /ok }');
    const results = await smokePlan(plan, {
      signal: ending.signal,
      onResult: () => ending.abort(),
    });
    expect(results).toHaveLength(1);
  });
});
