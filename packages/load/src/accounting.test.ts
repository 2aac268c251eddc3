// End to end over real sockets: what a run reports against what the server saw.
import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import { startFaultyServer } from '@needletail/testkit/faulty-server';
import type { FaultyServer } from '@needletail/testkit/faulty-server';
import { misbehaviours } from '@needletail/testkit/misbehaviour';
import type { FaultOutcome } from '@needletail/testkit/misbehaviour';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imbalanceOf } from './collect/ledger.ts';
import type { EndpointSummary, RunSummary } from './collect/run-summary.ts';
import { plainPlan } from './plan/plain-plan.ts';
import type { Plan, RequestSpec } from './plan/plan.ts';
import { runLoad } from './run-load.ts';
import type { RunResult } from './run-load.ts';

/** Never reached by what is answered, however busy the machine is. */
const TIMEOUT_MS = 20_000;
/** Where something waits in vain, and short against what the rest of such a test takes. */
const SHORT_TIMEOUT_MS = 1000;

let server: FaultyServer;

beforeEach(async () => {
  server = await startFaultyServer();
});

afterEach(() => server.close());

function get(path: string, base: string = server.url): RequestSpec {
  return { name: path, method: 'GET', url: base + path, headers: [], body: null, weight: 1 };
}

function users(count: number, durationMs: number | null = null): Plan['load'] {
  return { kind: 'constant', users: count, durationMs };
}

function rate(perSecond: number, durationMs: number): Plan['load'] {
  return { kind: 'rate', rate: perSecond, durationMs, arrivals: 'even' };
}

/** Runs a plan and checks what must hold of any run whatever: the ledger adds up, in whole and by endpoint. */
async function run(change: Partial<Plan> & Pick<Plan, 'requests' | 'load'>): Promise<RunResult> {
  const result = await runLoad(planOf(change));
  expectAccountsToBalance(result.summary);
  return result;
}

function planOf(change: Partial<Plan> & Pick<Plan, 'requests' | 'load'>): Plan {
  return plainPlan(change.requests[0].url, {
    connections: 'users' in change.load ? change.load.users : 100,
    timeoutMs: TIMEOUT_MS,
    ...change,
  });
}

function expectAccountsToBalance({ ledger, endpoints, status, latencyMs }: RunSummary): void {
  expect(imbalanceOf(ledger)).toBe(0);
  for (const endpoint of endpoints) expect(imbalanceOf(endpoint.ledger)).toBe(0);
  const sumOf = (pick: (endpoint: EndpointSummary) => number): number =>
    endpoints.reduce((sum, endpoint) => sum + pick(endpoint), 0);
  expect(sumOf((endpoint) => endpoint.ledger.scheduled)).toBe(ledger.scheduled);
  expect(sumOf((endpoint) => endpoint.latencyMs.count)).toBe(latencyMs.count);
  const answered = Object.values(status).reduce((sum, count) => sum + count, 0);
  expect(answered).toBeGreaterThanOrEqual(ledger.ok);
  expect(answered).toBeLessThanOrEqual(ledger.ok + ledger.failed);
}

/** The run's account in the words of the server's. */
function outcomesOf({ ledger, failures }: RunSummary): Record<FaultOutcome, number> {
  const failed = (kind: FaultOutcome): number =>
    failures.filter((failure) => failure.kind === kind).reduce((sum, { count }) => sum + count, 0);
  return {
    ok: ledger.ok,
    status: failed('status'),
    reset: failed('reset'),
    truncated: failed('truncated'),
    protocol: failed('protocol'),
    timeout: ledger.timedOut,
  };
}

/** A path for each way in which the server can misbehave. */
const PATHS: readonly string[] = [...misbehaviours.keys()].map((name) => {
  const argument = { status: '/503', size: '/70000', delay: '/5' }[name] ?? '';
  return `/${name}${argument}`;
});

describe('runLoad, against a server that misbehaves', () => {
  it.each(PATHS)('accounts for %s as the server does', async (path) => {
    const isAnswered = misbehaviours.get(path.split('/')[1])!.outcome !== 'timeout';
    const { summary } = await run({
      requests: [get(path)],
      load: users(2),
      maxRequests: isAnswered ? 6 : 2,
      timeoutMs: isAnswered ? TIMEOUT_MS : SHORT_TIMEOUT_MS,
    });
    expect(summary.ledger.scheduled).toBe(isAnswered ? 6 : 2);
    expect(server.arrivals).toHaveLength(isAnswered ? 6 : 2);
    expect(outcomesOf(summary)).toEqual(server.counts());
  });

  it('accounts for all of it at once, in three threads, endpoint by endpoint', async () => {
    const { summary } = await run({
      requests: PATHS.map((path) => get(path)),
      load: users(6),
      maxIterations: 6,
      workers: 3,
      timeoutMs: SHORT_TIMEOUT_MS,
    });
    expect(outcomesOf(summary)).toEqual(server.counts());
    expect(summary.ledger.scheduled).toBe(6 * PATHS.length);
    for (const { name, ledger } of summary.endpoints) {
      const seen = server.arrivals.filter((arrival) => arrival.path === name);
      const count = (outcome: FaultOutcome): number =>
        seen.filter((arrival) => arrival.outcome === outcome).length;
      expect({ name, ...ledger }).toMatchObject({
        name,
        scheduled: seen.length,
        ok: count('ok'),
        timedOut: count('timeout'),
        failed: seen.length - count('ok') - count('timeout'),
      });
    }
  });

  it('keeps the schedule of the open model through all of it', async () => {
    const { summary } = await run({
      requests: PATHS.map((path) => get(path)),
      load: rate(400, 500),
      timeoutMs: SHORT_TIMEOUT_MS,
    });
    expect(summary.ledger).toMatchObject({ scheduled: 200, dropped: 0, inFlight: 0 });
    expect(server.arrivals).toHaveLength(200);
    expect(outcomesOf(summary)).toEqual(server.counts());
  });

  it('counts every 503 by its status, and says so in the failures', async () => {
    const { summary } = await run({
      requests: [get('/status/503')],
      load: users(2),
      maxRequests: 10,
    });
    expect(summary.status).toEqual({ 503: 10 });
    expect(summary.failures).toEqual([{ kind: 'status', message: 'HTTP 503', count: 10 }]);
  });
});

describe('runLoad, time-outs', () => {
  it('shows hung requests in the latency at the age of the time-out', async () => {
    const requests = [...Array.from({ length: 9 }, () => get('/ok')), get('/hang')];
    const { summary } = await run({
      requests,
      load: users(2),
      maxIterations: 2,
      timeoutMs: SHORT_TIMEOUT_MS,
    });
    expect(summary.ledger).toMatchObject({ ok: 18, timedOut: 2 });
    expect(summary.latencyMs.count).toBe(20);
    expect(summary.latencyMs.p95).toBeGreaterThanOrEqual(SHORT_TIMEOUT_MS);
    expect(summary.serviceTimeMs.p95).toBeGreaterThanOrEqual(SHORT_TIMEOUT_MS);
    expect(summary.endpoints.at(-1)!.latencyMs.min).toBeGreaterThanOrEqual(SHORT_TIMEOUT_MS);
  });

  it('leaves them out of the latency with onlyOk, not out of the ledger', async () => {
    const { summary } = await run({
      requests: [get('/ok'), get('/hang')],
      load: users(1),
      maxIterations: 2,
      onlyOk: true,
      timeoutMs: SHORT_TIMEOUT_MS,
    });
    expect(summary.ledger).toMatchObject({ ok: 2, timedOut: 2 });
    expect(summary.latencyMs.count).toBe(2);
    expect(summary.latencyMs.max).toBeLessThan(SHORT_TIMEOUT_MS);
  });

  it('ends what was pipelined behind a hung request with it, each counted once', async () => {
    const { summary } = await run({
      requests: [get('/hang')],
      load: users(1),
      maxRequests: 8,
      pipelining: 4,
      timeoutMs: SHORT_TIMEOUT_MS,
    });
    expect(summary.ledger).toMatchObject({ scheduled: 8, timedOut: 2, failed: 6 });
    expect(summary.failures).toContainEqual({
      kind: 'reset',
      message: 'closed after an earlier request on it timed out',
      count: 6,
    });
    expect(server.connections).toBe(2);
  });

  it('reports the whole wait when the server stops for a while', async () => {
    // Counted from the first arrivals: how long threads take to start must not move the stop out of the run.
    const untilUnderWay = setInterval(() => {
      if (server.arrivals.length < 20) return;
      clearInterval(untilUnderWay);
      server.freeze(300);
    }, 5);
    const { summary, latency } = await run({
      requests: [get('/ok')],
      load: rate(200, 1000),
      connections: 20,
      preopen: 20,
    });
    expect(summary.ledger.ok).toBe(200);
    // Of 300 ms within 1000, a tenth of the requests wait for 200 ms and more; being slow only adds to that.
    expect(latency.quantile(0.9) / 1000).toBeGreaterThan(190);
    expect(latency.max / 1000).toBeGreaterThan(290);
    expect(summary.scheduleLagMs.max).toBeGreaterThan(100);
  });
});

describe('runLoad, the end of a run', () => {
  it('counts what is still open and what was never sent', async () => {
    const { summary } = await run({
      requests: [get('/hang')],
      load: rate(100, 300),
      connections: 4,
    });
    expect(summary.ledger).toMatchObject({ scheduled: 30, ok: 0, inFlight: 4, dropped: 26 });
    expect(server.arrivals).toHaveLength(4);
    expect(summary.latencyMs.count).toBe(26);
  });

  it.each([1, 3])('sends exactly -n requests with %i workers', async (workers) => {
    const load = users(6);
    const { summary } = await run({ requests: [get('/ok')], load, maxRequests: 1001, workers });
    expect(summary.ledger).toMatchObject({ scheduled: 1001, ok: 1001 });
    expect(server.arrivals).toHaveLength(1001);
  });

  it.each([1, 2, 4])('sends the same number at a rate with %i workers', async (workers) => {
    const { summary } = await run({ requests: [get('/ok')], load: rate(333, 600), workers });
    expect(summary.ledger).toMatchObject({ scheduled: 200, ok: 200 });
    expect(server.arrivals).toHaveLength(200);
  });

  it('leaves the warm-up out of every figure', async () => {
    const { summary } = await run({
      requests: [get('/status/500'), get('/ok')],
      load: rate(100, 400),
      warmupMs: 300,
    });
    expect(server.arrivals).toHaveLength(70);
    expect(summary.ledger).toMatchObject({ scheduled: 40, ok: 20, failed: 20 });
    expect(summary.latencyMs.count).toBe(40);
    expect(summary.status).toEqual({ 200: 20, 500: 20 });
    expect(summary.failures).toEqual([{ kind: 'status', message: 'HTTP 500', count: 20 }]);
  });

  it.each([
    ['closed', users(3, 60_000)],
    ['open', rate(200, 60_000)],
  ])('ends early when it is interrupted, %s model', async (_model, load) => {
    const controller = new AbortController();
    let interruptedAt = Number.NaN;
    const isUnderWay = setInterval(() => {
      if (server.arrivals.length < 10 || controller.signal.aborted) return;
      interruptedAt = performance.now();
      controller.abort();
    }, 10);
    const { summary } = await runLoad(planOf({ requests: [get('/delay/5')], load }), {
      signal: controller.signal,
    });
    clearInterval(isUnderWay);
    expect(performance.now() - interruptedAt).toBeLessThan(3000);
    expectAccountsToBalance(summary);
    expect(summary.ended).toBe('interrupted');
    expect(summary.ledger.ok).toBeGreaterThan(0);
    expect(summary.ledger.scheduled).toBe(server.arrivals.length + summary.ledger.dropped);
    expect(summary.verdict.reasons.join()).toContain('interrupted');
  });

  it('has nothing to judge when it is interrupted before it starts', async () => {
    const plan = planOf({ requests: [get('/ok')], load: users(2, 60_000) });
    const { summary } = await runLoad(plan, { signal: AbortSignal.abort() });
    expectAccountsToBalance(summary);
    expect(summary.ended).toBe('interrupted');
  });
});

describe('runLoad, connections', () => {
  it('opens one for each request without keep-alive', async () => {
    const requests = [get('/ok')];
    const { summary } = await run({ requests, load: users(3), maxRequests: 30, keepAlive: false });
    expect(summary.ledger.ok).toBe(30);
    expect(server.connections).toBe(30);
    expect(summary.phasesMs.connect.count).toBe(30);
  });

  it('keeps them otherwise', async () => {
    const { summary } = await run({ requests: [get('/ok')], load: users(3), maxRequests: 300 });
    expect(summary.ledger.ok).toBe(300);
    expect(server.connections).toBe(3);
  });

  it.each([
    ['closed', users(2, 30_000)],
    ['open', rate(50, 30_000)],
  ])('gives up early on a port that refuses, %s model', async (_model, load) => {
    await server.close();
    const startedAt = performance.now();
    const { summary } = await run({ requests: [get('/ok', 'http://127.0.0.1:1')], load });
    expect(performance.now() - startedAt).toBeLessThan(6000);
    expect(summary.ended).toBe('unreachable');
    expect(summary.verdict).toMatchObject({ status: 'invalid', bottleneck: 'network' });
    expect(summary.verdict.reasons[0]).toContain('127.0.0.1:1');
    expect(summary.ledger.ok).toBe(0);
    expect(summary.failures.every(({ kind }) => kind === 'connect')).toBe(true);
  });
});

describe('runLoad, over TLS', () => {
  it('fails each request at connecting when the certificate is not trusted, else measures', async () => {
    const certificate = selfSignedCertificate();
    const tlsServer = createTlsServer(certificate, (socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
    tlsServer.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => tlsServer.listen(0, '127.0.0.1', resolve));
    const requests = [get('/', `https://127.0.0.1:${(tlsServer.address() as AddressInfo).port}`)];
    const plan = { requests, load: users(1), maxRequests: 3 };
    const tls = { insecure: false, servername: null, ca: null };
    try {
      const refused = (await run(plan)).summary;
      expect(refused.ledger).toMatchObject({ scheduled: 3, failed: 3 });
      expect(refused.failures).toHaveLength(1);
      expect(refused.failures[0]).toMatchObject({ kind: 'connect', count: 3 });
      expect(refused.failures[0].message).toMatch(/certificate/i);
      expect(refused.verdict.status).toBe('invalid');

      const unchecked = (await run({ ...plan, tls: { ...tls, insecure: true } })).summary;
      expect(unchecked.ledger).toMatchObject({ scheduled: 3, ok: 3 });
      expect(unchecked.verdict.reasons.join()).toContain('not verified');

      const trusted = (await run({ ...plan, tls: { ...tls, ca: certificate.cert } })).summary;
      expect(trusted.ledger.ok).toBe(3);
      expect(trusted.phasesMs.tls.count).toBe(1);
      expect(trusted.verdict).toMatchObject({ status: 'pass' });
    } finally {
      await new Promise((resolve) => tlsServer.close(resolve));
    }
  });
});
