import { FakeClock } from '@needletail/testkit/fake-clock';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { BodyChannel, type ResponseBody } from '../body/response-body.ts';
import { AbortedError, ConnectError, TotalTimeoutError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { DEFAULT_TIMEOUTS } from '../model/timeouts.ts';
import { makeExchange, makeResponse, PiecewiseBody } from './exchange.fixture.ts';
import type { Exchange, Send } from './layer.ts';
import { totalTimeoutLayer } from './total-timeout.ts';

function limited(changes: Partial<ClientRequest> = {}): ClientRequest {
  return makeRequest('http://h/', { timeouts: { ...DEFAULT_TIMEOUTS, total: 1000 }, ...changes });
}

/** Waits for ever, and says so when its signal is aborted. */
const heedful: Send = (request) =>
  new Promise((_, reject) => {
    const { signal } = request;
    signal!.addEventListener('abort', () => reject(AbortedError.of(signal!)));
    if (signal!.aborted) reject(AbortedError.of(signal!));
  });
const heedless: Send = () => new Promise(() => null);

async function bodyOf(exchange: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of exchange.response.body as ResponseBody) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('totalTimeoutLayer', () => {
  it.each([
    ['heeds its signal', heedful],
    ['does not', heedless],
  ])('ends what %s', async (_, next) => {
    const clock = new FakeClock();
    const result = totalTimeoutLayer(clock)(limited(), next);
    clock.advance(999);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    await expect(result).rejects.toBeInstanceOf(TotalTimeoutError);
    await expect(result).rejects.toMatchObject({ code: 'TOTAL_TIMEOUT', phase: 'total' });
  });

  it('counts from the call, not from where it is asked', async () => {
    const clock = new FakeClock(5000);
    const result = totalTimeoutLayer(clock)(limited({ startedAtMs: 4400 }), heedful);
    clock.advance(400);
    await expect(result).rejects.toBeInstanceOf(TotalTimeoutError);
  });

  it('tells an abort by the caller from its own', async () => {
    const controller = new AbortController();
    const clock = new FakeClock();
    const result = totalTimeoutLayer(clock)(limited({ signal: controller.signal }), heedful);
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(result).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    expect(clock.pendingTimers).toBe(0);
    const late = totalTimeoutLayer(clock)(limited({ signal: controller.signal }), heedful);
    await expect(late).rejects.toBeInstanceOf(AbortedError);
  });

  it('passes other errors on and leaves no timer', async () => {
    const clock = new FakeClock();
    const error = new ConnectError({
      code: 'REFUSED',
      phase: 'connect',
      problem: 'P',
      reason: 'r',
      remedy: 'R',
    });
    const result = totalTimeoutLayer(clock)(limited(), () => Promise.reject(error));
    await expect(result).rejects.toBe(error);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer behind a body that is whole', async () => {
    const clock = new FakeClock();
    const exchange = makeExchange(makeResponse(200, [], 'body'));
    expect(await totalTimeoutLayer(clock)(limited(), () => Promise.resolve(exchange))).toBe(
      exchange,
    );
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on while a body is streamed, and ends its reading', async () => {
    const clock = new FakeClock();
    const channel = new BodyChannel({ pause() {}, resume() {}, cancel() {} });
    channel.push(Buffer.from('one'));
    const exchange = makeExchange(makeResponse(200, [], channel));
    const answer = await totalTimeoutLayer(clock)(limited(), () => Promise.resolve(exchange));
    const reading = bodyOf(answer);
    await new Promise(setImmediate);
    clock.advance(1000);
    await expect(reading).rejects.toBeInstanceOf(TotalTimeoutError);
  });

  it('leaves no timer behind a body that was read, or given up', async () => {
    const clock = new FakeClock();
    const answer = (body: PiecewiseBody): Promise<Exchange> =>
      totalTimeoutLayer(clock)(limited(), () =>
        Promise.resolve(makeExchange(makeResponse(200, [], body))),
      );
    expect(await bodyOf(await answer(new PiecewiseBody(['one ', 'two'])))).toBe('one two');
    expect(clock.pendingTimers).toBe(0);
    const unread = new PiecewiseBody(['x']);
    ((await answer(unread)).response.body as ResponseBody).cancel();
    expect(clock.pendingTimers).toBe(0);
    expect(unread.isCancelled).toBe(true);
  });

  it('gives up the body of an answer that comes too late', async () => {
    const clock = new FakeClock();
    const body = new PiecewiseBody(['late']);
    let answer: (exchange: Exchange) => void = () => {};
    const result = totalTimeoutLayer(clock)(
      limited(),
      () => new Promise((resolve) => (answer = resolve)),
    );
    clock.advance(1000);
    await expect(result).rejects.toBeInstanceOf(TotalTimeoutError);
    answer(makeExchange(makeResponse(200, [], body)));
    await new Promise(setImmediate);
    expect(body.isCancelled).toBe(true);
  });

  it('sets no timer without a limit', () => {
    const clock = new FakeClock();
    const answer = Promise.resolve(makeExchange(makeResponse(200)));
    expect(totalTimeoutLayer(clock)(makeRequest('http://h/'), () => answer)).toBe(answer);
    expect(clock.pendingTimers).toBe(0);
  });
});
