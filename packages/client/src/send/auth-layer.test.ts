import { describe, expect, it, vi } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import type { AuthFlow } from '../auth/auth-flow.ts';
import { basic } from '../auth/basic.ts';
import { streamBody } from '../body/stream-body.ts';
import { textBody } from '../body/whole-body.ts';
import { AuthError, InvalidRequestError } from '../errors.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';
import { parseUrl } from '../model/request-url.ts';
import { authLayer } from './auth-layer.ts';
import { makeExchange, makeResponse, PiecewiseBody } from './exchange.fixture.ts';
import type { Exchange } from './layer.ts';

const OK = makeResponse(200);
const CHALLENGE = makeResponse(401, ['www-authenticate: Test']);

/** Answers a challenge once. */
const challenged: AuthFlow = {
  *flow(request) {
    const answer = yield request;
    if (answer.status !== 401) return;
    request.headers.set('Authorization', 'Test');
    yield request;
  },
};

async function run(
  request: ClientRequest,
  answers: readonly (typeof OK)[],
): Promise<{ exchange: Exchange; sent: ClientRequest[] }> {
  const sent: ClientRequest[] = [];
  const exchange = await authLayer(request, (asked) => {
    sent.push(requestWith(asked, {}));
    return Promise.resolve({ request: asked, response: answers[sent.length - 1]!, history: [] });
  });
  return { exchange, sent };
}

async function* onceOnly(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

describe('authLayer', () => {
  it('sends what the flow yields, and leaves the request as it was', async () => {
    const request = makeRequest('http://h/', { auth: basic('user', 'password123') });
    const { sent, exchange } = await run(request, [OK]);
    expect(sent[0]!.headers.get('authorization')).toBe('Basic dXNlcjpwYXNzd29yZDEyMw==');
    expect(request.headers.size).toBe(0);
    expect(exchange.history).toEqual([]);
  });

  it('goes on until the flow is satisfied; challenges land in the history', async () => {
    const body = new PiecewiseBody(['go away']);
    const challenge = makeResponse(401, [], body);
    const { exchange, sent } = await run(makeRequest('http://h/', { auth: challenged }), [
      challenge,
      OK,
    ]);
    expect(sent.map(({ headers }) => headers.get('authorization'))).toEqual([null, 'Test']);
    expect(exchange.response).toBe(OK);
    expect(exchange.history.map(({ response }) => response.status)).toEqual([401]);
    expect(body.isCancelled).toBe(true);
  });

  it('takes asynchronous flows, which may ask elsewhere first; that stays out of the history', async () => {
    const auth: AuthFlow = {
      async *flow(request) {
        const token = yield requestWith(request, { url: parseUrl('http://tokens/') });
        request.headers.set('Authorization', await Promise.resolve(`Bearer ${token.status}`));
        yield request;
      },
    };
    const { exchange, sent } = await run(makeRequest('http://h/', { auth }), [
      makeResponse(201),
      OK,
    ]);
    expect(sent.map(({ url }) => url.href)).toEqual(['http://tokens/', 'http://h/']);
    expect(sent[1]!.headers.get('authorization')).toBe('Bearer 201');
    expect(exchange.history).toEqual([]);
  });

  it('refuses to sign a body that is not there', async () => {
    const auth: AuthFlow = { ...challenged, needsBody: true };
    const streamed = makeRequest('http://h/', {
      method: 'POST',
      auth,
      body: streamBody(onceOnly()),
    });
    await expect(run(streamed, [])).rejects.toBeInstanceOf(InvalidRequestError);
    const whole = makeRequest('http://h/', { method: 'POST', auth, body: textBody('x', null) });
    expect((await run(whole, [OK])).exchange.response).toBe(OK);
  });

  it('does not send a body twice that can be read once', async () => {
    const body = streamBody(onceOnly());
    const request = makeRequest('http://h/', { method: 'POST', auth: challenged, body });
    await expect(run(request, [CHALLENGE])).rejects.toBeInstanceOf(AuthError);
  });

  it('lets the flow clean up when the exchange fails', async () => {
    const cleanUp = vi.fn();
    const auth: AuthFlow = {
      *flow(request) {
        try {
          yield request;
        } finally {
          cleanUp();
        }
      },
    };
    const failed = authLayer(makeRequest('http://h/', { auth }), () =>
      Promise.reject(new Error('down')),
    );
    await expect(failed).rejects.toThrow('down');
    expect(cleanUp).toHaveBeenCalledOnce();
  });

  it('costs nothing without authentication: the promise is that of the next layer', () => {
    const answer = Promise.resolve(makeExchange(OK));
    expect(authLayer(makeRequest('http://h/'), () => answer)).toBe(answer);
  });
});
