import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { ownHeaders } from '../model/client-request.ts';
import { diagnosticsLayer } from './diagnostics.ts';
import { makeExchange, makeResponse, PiecewiseBody } from './exchange.fixture.ts';
import { hooksLayer } from './hooks.ts';
import type { Send } from './layer.ts';
import { traceContextLayer } from './trace-context.ts';

const answering =
  (response = makeResponse(200)): Send =>
  (request) =>
    Promise.resolve({ request, response, history: [] });

describe('hooksLayer', () => {
  it('shows each request and its head, in order, and waits', async () => {
    const seen: string[] = [];
    const layer = hooksLayer({
      request: async ({ url }) => {
        await Promise.resolve();
        seen.push(url.target);
      },
      response: ({ status }, { url }) => void seen.push(`${status} ${url.target}`),
    });
    await layer(makeRequest('http://h/x'), answering());
    expect(seen).toEqual(['/x', '200 /x']);
  });

  it('sends the headers that a hook sets, and does not set them on what may be sent again', async () => {
    const request = makeRequest('http://h/', { ownsHeaders: false });
    const layer = hooksLayer({ request: (sent) => ownHeaders(sent).append('X-Hook', '1') });
    const { request: sent } = await layer(request, answering());
    expect(sent.headers.getAll('x-hook')).toEqual(['1']);
    const again = await layer(request, answering());
    expect(again.request.headers.getAll('x-hook')).toEqual(['1']);
    expect(request.headers.size).toBe(0);
  });

  it('fails the request with what a hook throws, and gives up the body', async () => {
    const refusal = new Error('not today');
    const fail = (): void => {
      throw refusal;
    };
    let isSent = false;
    const next: Send = (request) => {
      isSent = true;
      return answering()(request);
    };
    await expect(hooksLayer({ request: fail })(makeRequest('http://h/'), next)).rejects.toBe(
      refusal,
    );
    expect(isSent).toBe(false);
    const body = new PiecewiseBody(['x']);
    const late = hooksLayer({ response: fail })(
      makeRequest('http://h/'),
      answering(makeResponse(200, [], body)),
    );
    await expect(late).rejects.toBe(refusal);
    expect(body.isCancelled).toBe(true);
  });
});

describe('diagnosticsLayer', () => {
  const seen: [name: string, message: Record<string, unknown>][] = [];
  const names = ['request', 'response', 'error'].map((name) => `needletail:client:${name}`);
  const listen = (message: unknown, name: string | symbol): void =>
    void seen.push([String(name), message as Record<string, unknown>]);

  afterEach(() => {
    for (const name of names) unsubscribe(name, listen);
    seen.length = 0;
  });

  it('publishes requests, responses and errors to whoever subscribed', async () => {
    for (const name of names) subscribe(name, listen);
    const request = makeRequest('http://h/');
    const response = makeResponse(204);
    await diagnosticsLayer(request, answering(response));
    const error = new Error('down');
    await expect(diagnosticsLayer(request, () => Promise.reject(error))).rejects.toBe(error);
    expect(seen).toEqual([
      ['needletail:client:request', { request }],
      ['needletail:client:response', { request, response }],
      ['needletail:client:request', { request }],
      ['needletail:client:error', { request, error }],
    ]);
  });

  it('costs nothing while nobody has: the promise is that of the next layer', () => {
    const answer = Promise.resolve(makeExchange(makeResponse(200)));
    expect(diagnosticsLayer(makeRequest('http://h/'), () => answer)).toBe(answer);
  });
});

describe('traceContextLayer', () => {
  it('begins a trace for each exchange', async () => {
    const layer = traceContextLayer(true);
    const values = new Set<string>();
    for (let count = 0; count < 600; count += 1) {
      const { request } = await layer(makeRequest('http://h/'), answering());
      const value = request.headers.get('traceparent')!;
      expect(value).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      values.add(value);
    }
    expect(values.size).toBe(600);
  });

  it('sends what a function gives, nothing when it gives nothing, and never two', async () => {
    const given = traceContextLayer(() => '00-1-2-00');
    const { request } = await given(makeRequest('http://h/'), answering());
    expect(request.headers.getAll('traceparent')).toEqual(['00-1-2-00']);
    expect((await given(request, answering())).request).toBe(request);
    const none = await traceContextLayer(() => undefined)(makeRequest('http://h/'), answering());
    expect(none.request.headers.size).toBe(0);
  });
});
