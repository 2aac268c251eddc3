import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imbalanceOf } from '../collect/ledger.ts';
import { resolvePlan } from '../plan/resolve-plan.ts';
import type { PlanFlags } from '../plan/plan-flags.ts';
import { runLoad } from '../run-load.ts';
import { runDefinition } from '../scenario/run-definition.ts';
import { RunControl } from './run-control.ts';

let server: Server;
let arrivals: number[] = [];
beforeAll(async () => {
  server = createServer((_, response) => {
    arrivals.push(performance.now());
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

async function start(flags: PlanFlags) {
  arrivals = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const plan = await resolvePlan({ url }, flags, {
    cwd: '/',
    readFile: () => Promise.reject(new Error('nothing to read')),
  });
  const control = new RunControl();
  const result = runLoad(plan, { control });
  while (control.status().state === 'waiting') await after(5);
  return { control, result };
}

describe('runLoad with a control', () => {
  it('pauses all threads: nothing arrives, nothing is lost, rates leave the pause out', async () => {
    const { control, result } = await start({ rate: 200, durationMs: 1000, workers: 2 });
    await after(400);
    control.pause();
    await after(100);
    const before = arrivals.length;
    await after(500);
    expect(arrivals.length).toBe(before);
    control.resume();
    const { summary } = await result;
    expect(summary.ledger).toMatchObject({ scheduled: 200, ok: 200, dropped: 0 });
    expect(arrivals).toHaveLength(200);
    expect(summary.durationMs).toBeGreaterThan(1500);
    expect(summary.throughput.requestsPerSecond).toBeGreaterThan(190);
    expect(summary.throughput.requestsPerSecond).toBeLessThan(210);
    expect(summary.control.map(({ action }) => action)).toEqual(['pause', 'resume']);
    expect(summary.verdict.reasons.join()).toMatch(/paused at .* resumed at .* of pauses/);
    expect(summary.ended).toBe('complete');
  });

  it('sets rate and users in total, however many threads there are', async () => {
    const open = await start({ rate: 50, durationMs: 1000, workers: 2 });
    await after(480);
    open.control.setRate(400);
    const { summary } = await open.result;
    const { t } = summary.control[0]!;
    const expected = 50 * t + 400 * (1 - t);
    expect(Math.abs(summary.ledger.scheduled - expected)).toBeLessThanOrEqual(2);
    expect(imbalanceOf(summary.ledger)).toBe(0);

    const closed = await start({ users: 2, durationMs: 1200, workers: 2, thinkMs: 50 });
    await after(400);
    closed.control.setUsers(9);
    const grown = await closed.result;
    expect(grown.summary.series[0]!.users).toBe(9);
    expect(imbalanceOf(grown.summary.ledger)).toBe(0);
  });

  it('stops a paused run and keeps what was measured', async () => {
    const { control, result } = await start({ users: 3, durationMs: 60_000, thinkMs: 20 });
    await after(200);
    control.pause();
    await after(60);
    control.stop();
    const { summary } = await result;
    expect(summary.ended).toBe('interrupted');
    expect(summary.ledger.ok).toBeGreaterThan(0);
    expect(summary.ledger).toMatchObject({ failed: 0, dropped: 0, inFlight: 0 });
    expect(arrivals).toHaveLength(summary.ledger.scheduled);
    expect(control.status().state).toBe('ended');
  });

  it('divides users and rates among the scenarios, and pauses between iterations', async () => {
    arrivals = [];
    const control = new RunControl();
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const result = runDefinition(
      {
        target,
        thresholds: ['none'],
        scenarios: {
          browse: {
            load: { users: 2, duration: '1200ms' },
            async user({ http, think }) {
              await http.get('/browse');
              await think('20ms');
            },
          },
          buy: {
            load: { rate: 40, duration: '1200ms' },
            user: ({ http }) => http.get('/buy'),
          },
        },
      },
      { control },
    );
    while (control.status().state === 'waiting') await after(5);
    await after(300);
    control.pause();
    await after(150);
    const before = arrivals.length;
    await after(300);
    expect(arrivals).toHaveLength(before);
    control.resume();
    control.setRate(120, 'buy');
    control.setUsers(6);
    await after(100);
    expect(control.status().streams).toEqual([
      { name: 'browse', model: 'closed', level: 6 },
      { name: 'buy', model: 'open', level: 120 },
    ]);
    const { summary } = await result;
    const [browse, buy] = summary.iterations!.scenarios;
    const pausedAtS = summary.control[0]!.t;
    const expected = 40 * pausedAtS + 120 * (1.2 - pausedAtS);
    expect(Math.abs(buy!.scheduled - expected)).toBeLessThanOrEqual(2);
    expect([browse!.failed, buy!.failed, buy!.dropped]).toEqual([0, 0, 0]);
    expect(imbalanceOf(summary.ledger)).toBe(0);
    expect(summary.ledger.scheduled).toBe(arrivals.length);
  });
});
