import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { AbortedError } from '../errors.ts';
import { makeExchange, makeResponse } from './exchange.fixture.ts';
import { rateLimitLayer } from './rate-limit.ts';
import { RateLimiter } from './rate-limiter.ts';

const REQUEST = makeRequest('http://h/');

/** When each of `count` requests that come at once may leave. */
async function departures(
  limiter: RateLimiter,
  clock: FakeClock,
  count: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const turn = limiter.take(REQUEST);
    if (turn === null) times.push(clock.now());
    else void turn.then(() => times.push(clock.now()));
  }
  while (times.length < count) {
    clock.advance(clock.nextDueAt! - clock.now());
    await new Promise(setImmediate);
  }
  return times;
}

describe('RateLimiter', () => {
  it('spaces requests evenly', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, 1, clock);
    expect(await departures(limiter, clock, 4)).toEqual([0, 100, 200, 300]);
  });

  it('lets a burst leave at once, and refills it with time', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, 3, clock);
    expect(await departures(limiter, clock, 5)).toEqual([0, 0, 0, 100, 200]);
    clock.advance(10_000);
    expect(await departures(limiter, clock, 4)).toEqual([10_200, 10_200, 10_200, 10_300]);
  });

  it('neither loses nor gains over many requests at a rate that is no whole number of milliseconds', async () => {
    const clock = new FakeClock();
    const times = await departures(new RateLimiter(7, 1, clock), clock, 701);
    expect(times[700]).toBeCloseTo(100_000, 3);
  });

  it('lets nobody overtake who waits', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, 1, clock);
    expect(limiter.take(REQUEST)).toBeNull();
    const order: string[] = [];
    void limiter.take(REQUEST)!.then(() => order.push('second'));
    clock.advance(99);
    void limiter.take(REQUEST)!.then(() => order.push('third'));
    clock.advance(1);
    await new Promise(setImmediate);
    expect(order).toEqual(['second']);
    clock.advance(100);
    await new Promise(setImmediate);
    expect(order).toEqual(['second', 'third']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives the turn of one that was aborted to the next', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(10, 1, clock);
    const controller = new AbortController();
    expect(limiter.take(REQUEST)).toBeNull();
    const gone = limiter.take(makeRequest('http://h/', { signal: controller.signal }))!;
    let leftAtMs = -1;
    void limiter.take(REQUEST)!.then(() => (leftAtMs = clock.now()));
    controller.abort();
    await expect(gone).rejects.toBeInstanceOf(AbortedError);
    clock.advance(100);
    await new Promise(setImmediate);
    expect(leftAtMs).toBe(100);
  });

  it('refuses at once what was aborted before', async () => {
    const limiter = new RateLimiter(10, 1, new FakeClock());
    const request = makeRequest('http://h/', { signal: AbortSignal.abort() });
    await expect(limiter.take(request)).rejects.toBeInstanceOf(AbortedError);
    expect(limiter.take(REQUEST)).toBeNull();
  });
});

describe('rateLimitLayer', () => {
  it('holds requests back until their turn', async () => {
    const clock = new FakeClock();
    const layer = rateLimitLayer(new RateLimiter(1, 1, clock));
    let sent = 0;
    const next = () => {
      sent += 1;
      return Promise.resolve(makeExchange(makeResponse(200)));
    };
    await layer(REQUEST, next);
    const second = layer(REQUEST, next);
    expect(sent).toBe(1);
    clock.advance(1000);
    await second;
    expect(sent).toBe(2);
  });
});
