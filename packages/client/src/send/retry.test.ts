import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { streamBody } from '../body/stream-body.ts';
import {
  AbortedError,
  ConnectError,
  PoolTimeoutError,
  ReadTimeoutError,
  TlsError,
  type ErrorDetails,
} from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { makeResponse, PiecewiseBody } from './exchange.fixture.ts';
import type { Exchange } from './layer.ts';
import { resolveRetryPolicy } from './resolve-retry-policy.ts';
import { retryLayer } from './retry.ts';
import type { RetryOptions } from './retry-policy.ts';

const DETAILS: ErrorDetails = {
  code: 'X',
  phase: 'connect',
  problem: 'P',
  reason: 'r',
  remedy: 'R',
};
const refused = new ConnectError(DETAILS);
const OK = makeResponse(200);
const BUSY = makeResponse(503);
const WALL_MS = Date.UTC(2026, 0, 1);

async function* onceOnly(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

interface Run {
  readonly clock: FakeClock;
  readonly sentAtMs: number[];
  readonly result: Promise<Exchange>;
}

function start(
  outcomes: readonly (TransportResponse | Error)[],
  options: RetryOptions | number | boolean = true,
  changes: Partial<ClientRequest> = {},
): Run {
  const clock = new FakeClock();
  const sentAtMs: number[] = [];
  const layer = retryLayer({ clock, random: () => 0.5, wallClockMs: () => WALL_MS });
  const request = makeRequest('http://h/', {
    retry: resolveRetryPolicy(options, null),
    ...changes,
  });
  const result = layer(request, (sent) => {
    sentAtMs.push(clock.now());
    const outcome = outcomes[sentAtMs.length - 1]!;
    if (outcome instanceof Error) return Promise.reject(outcome);
    return Promise.resolve({ request: sent, response: outcome, history: [] });
  });
  return { clock, sentAtMs, result };
}

/** Moves the clock until `result` settles. */
async function settle({ clock, result }: Run): Promise<Exchange> {
  let isSettled = false;
  void result.then(
    () => (isSettled = true),
    () => (isSettled = true),
  );
  for (let turn = 0; !isSettled && turn < 100; turn += 1) {
    await new Promise(setImmediate);
    if (clock.nextDueAt !== undefined) clock.advance(clock.nextDueAt - clock.now());
  }
  return result;
}

describe('retryLayer', () => {
  it('sends again after pauses that double', async () => {
    const run = start([BUSY, refused, BUSY, OK], { attempts: 3, jitter: false });
    expect((await settle(run)).response.status).toBe(200);
    expect(run.sentAtMs).toEqual([0, 300, 900, 2100]);
  });

  it('hands the last answer, or the last error, over', async () => {
    const run = start([BUSY, BUSY, BUSY]);
    expect((await settle(run)).response.status).toBe(503);
    expect(run.sentAtMs).toHaveLength(3);
    await expect(settle(start([refused, BUSY, refused]))).rejects.toBe(refused);
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('tries again after %i', async (status) => {
    expect((await settle(start([makeResponse(status), OK]))).response.status).toBe(200);
  });

  it.each([200, 301, 400, 404, 501])('does not after %i', async (status) => {
    const run = start([makeResponse(status)]);
    expect((await settle(run)).response.status).toBe(status);
    expect(run.sentAtMs).toHaveLength(1);
  });

  it.each(['POST', 'PATCH', 'X-OWN'])('never repeats %s unasked', async (method) => {
    const run = start([refused], true, { method });
    await expect(settle(run)).rejects.toBe(refused);
    expect(run.sentAtMs).toHaveLength(1);
    const asked = start([BUSY, OK], { methods: [method.toLowerCase()] }, { method });
    expect((await settle(asked)).response.status).toBe(200);
  });

  it('tries again after a read time-out, and not after what would fail again', async () => {
    expect((await settle(start([new ReadTimeoutError(DETAILS), OK]))).response.status).toBe(200);
    for (const error of [
      new TlsError(DETAILS),
      new PoolTimeoutError(DETAILS),
      new TypeError('bug'),
    ]) {
      const run = start([error, OK]);
      await expect(settle(run)).rejects.toBe(error);
      expect(run.sentAtMs).toHaveLength(1);
    }
  });

  it('sends a body once that can be read once', async () => {
    const run = start([BUSY], true, { method: 'PUT', body: streamBody(onceOnly()) });
    expect((await settle(run)).response.status).toBe(503);
    expect(run.sentAtMs).toHaveLength(1);
  });

  it.each([
    ['7', 7000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['soon', 300],
    ['-1', 300],
    ['1.5', 300],
  ])('waits as Retry-After %j says', async (value, waitMs) => {
    const run = start([makeResponse(503, [`retry-after: ${value}`]), OK], { jitter: false });
    await settle(run);
    expect(run.sentAtMs).toEqual([0, waitMs]);
  });

  it('hands the answer over that asks for more patience than there is', async () => {
    const run = start([makeResponse(429, ['retry-after: 31']), OK]);
    expect((await settle(run)).response.status).toBe(429);
    expect(run.sentAtMs).toEqual([0]);
  });

  it('does not look at Retry-After when told so', async () => {
    const options = { respectRetryAfter: false, jitter: false };
    const run = start([makeResponse(429, ['retry-after: 9']), OK], options);
    await settle(run);
    expect(run.sentAtMs).toEqual([0, 300]);
  });

  it('never pauses longer than maxBackoffMs', async () => {
    const options = { attempts: 5, backoffMs: 1000, maxBackoffMs: 1500, jitter: false };
    const run = start([BUSY, BUSY, BUSY, OK], options);
    await settle(run);
    expect(run.sentAtMs).toEqual([0, 1000, 2500, 4000]);
  });

  it('gives up the body of the answer before the next try', async () => {
    const body = new PiecewiseBody(['busy']);
    await settle(start([makeResponse(503, [], body), OK], true, { isStreaming: true }));
    expect(body.isCancelled).toBe(true);
  });

  it('stops waiting when the signal is aborted, and leaves nothing behind', async () => {
    const controller = new AbortController();
    const run = start([BUSY, OK], true, { signal: controller.signal });
    await new Promise(setImmediate);
    expect(run.clock.pendingTimers).toBe(1);
    controller.abort(new Error('enough'));
    await expect(run.result).rejects.toBeInstanceOf(AbortedError);
    expect(run.clock.pendingTimers).toBe(0);
    expect(run.sentAtMs).toHaveLength(1);
  });

  it('costs nothing without a policy: the promise is that of the next layer', () => {
    const answer = Promise.resolve({
      request: makeRequest('http://h/'),
      response: OK,
      history: [],
    });
    const layer = retryLayer({
      clock: new FakeClock(),
      random: Math.random,
      wallClockMs: Date.now,
    });
    expect(layer(makeRequest('http://h/'), () => answer)).toBe(answer);
  });
});

describe('resolveRetryPolicy', () => {
  it('reads true, numbers and objects, and adds to what was there', () => {
    expect(resolveRetryPolicy(true, null)?.attempts).toBe(2);
    expect(resolveRetryPolicy(5, null)?.attempts).toBe(5);
    expect(resolveRetryPolicy(false, null)).toBeNull();
    expect(resolveRetryPolicy(0, null)).toBeNull();
    const base = resolveRetryPolicy({ attempts: 7, backoffMs: 1 }, null);
    expect(resolveRetryPolicy({ backoffMs: 2 }, base)).toMatchObject({ attempts: 7, backoffMs: 2 });
  });

  it.each([
    { attempts: -1 },
    { attempts: 1.5 },
    { backoffMs: Number.NaN },
    { statuses: [42] },
    { jitter: 'yes' as unknown as boolean },
    { tries: 3 } as RetryOptions,
    'often' as unknown as RetryOptions,
    -1,
  ])('refuses %j', (options) => {
    expect(() => resolveRetryPolicy(options, null)).toThrow(/not accepted/);
  });
});
