import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { textBody } from '../body/whole-body.ts';
import { streamBody } from '../body/stream-body.ts';
import { basic } from '../auth/basic.ts';
import { RedirectError, RemoteProtocolError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { HeaderList } from '../model/header-list.ts';
import type { TransportResponse } from '../transport/transport.ts';
import { makeResponse, PiecewiseBody } from './exchange.fixture.ts';
import type { Exchange } from './layer.ts';
import { redirectLayer } from './redirect.ts';

interface Followed {
  readonly exchange: Exchange;
  readonly sent: readonly ClientRequest[];
}

/** Sends `request` where each answer is the next of `answers`. */
async function follow(
  request: ClientRequest,
  answers: readonly TransportResponse[],
  allowDowngrade = false,
): Promise<Followed> {
  const sent: ClientRequest[] = [];
  const exchange = await redirectLayer(allowDowngrade)(request, (hop) => {
    sent.push(hop);
    return Promise.resolve({ request: hop, response: answers[sent.length - 1]!, history: [] });
  });
  return { exchange, sent };
}

async function* onceOnly(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x');
}

const to = (status: number, location: string): TransportResponse =>
  makeResponse(status, [`location: ${location}`]);
const OK = makeResponse(200);
const ORIGIN = 'http://example.com';

function post(changes: Partial<ClientRequest> = {}): ClientRequest {
  const headers = new HeaderList({ 'Content-Type': 'text/plain', 'X-Kept': 'yes' });
  return makeRequest(`${ORIGIN}/`, {
    method: 'POST',
    body: textBody('data', null),
    headers,
    ...changes,
  });
}

describe('redirectLayer', () => {
  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [301, 'HEAD', 'HEAD'],
    [301, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
  ])('%i makes of %s a %s', async (status, method, expected) => {
    const { sent } = await follow(post({ method }), [to(status, '/next'), OK]);
    const keepsBody = method === expected;
    expect(sent[1]!.method).toBe(expected);
    expect(sent[1]!.body?.whole ?? null).toBe(keepsBody ? 'data' : null);
    expect(sent[1]!.headers.has('content-type')).toBe(keepsBody);
    expect(sent[1]!.headers.get('x-kept')).toBe('yes');
  });

  it.each([
    ['/other', 'http://example.com/other'],
    ['other?x=1', 'http://example.com/a/other?x=1'],
    ['../up', 'http://example.com/up'],
    ['?q', 'http://example.com/a/b?q'],
    ['//example.org/', 'http://example.org/'],
    ['https://example.org:8443/x', 'https://example.org:8443/x'],
    ['/caf\u00c3\u00a9', 'http://example.com/caf%C3%A9'],
  ])('%s leads to %s', async (location, href) => {
    const { exchange } = await follow(makeRequest(`${ORIGIN}/a/b`), [to(302, location), OK]);
    expect(exchange.request.url.href).toBe(href);
  });

  it('passes the fragment on, unless the Location has one', async () => {
    const first = await follow(makeRequest(`${ORIGIN}/#f`), [to(302, '/x'), to(302, '/y'), OK]);
    expect(first.exchange.request.url.fragment).toBe('#f');
    const second = await follow(makeRequest(`${ORIGIN}/#f`), [to(302, '/x#g'), OK]);
    expect(second.exchange.request.url.fragment).toBe('#g');
  });

  it('keeps the answers that led to the last one, oldest first', async () => {
    const { exchange } = await follow(makeRequest(`${ORIGIN}/`), [
      to(301, '/a'),
      to(302, '/b'),
      OK,
    ]);
    expect(exchange.history.map(({ response }) => response.status)).toEqual([301, 302]);
    expect(exchange.history.map(({ request }) => request.url.target)).toEqual(['/', '/a']);
  });

  it('follows as many as maxRedirects and not one more', async () => {
    const hops = (count: number): TransportResponse[] => [
      ...Array.from({ length: count }, (_, hop) => to(302, `/${hop}`)),
      OK,
    ];
    const { exchange } = await follow(makeRequest(`${ORIGIN}/`), hops(20));
    expect(exchange.history).toHaveLength(20);
    await expect(follow(makeRequest(`${ORIGIN}/`), hops(21))).rejects.toMatchObject({
      name: 'RedirectError',
      code: 'TOO_MANY_REDIRECTS',
    });
  });

  it('leaves an answer alone that names no place, is no redirect, or was not to be followed', async () => {
    for (const answer of [makeResponse(302), to(300, '/x'), to(304, '/x'), to(200, '/x')]) {
      const { exchange, sent } = await follow(makeRequest(`${ORIGIN}/`), [answer]);
      expect(exchange.response).toBe(answer);
      expect(sent).toHaveLength(1);
    }
    const quiet = makeRequest(`${ORIGIN}/`, { followRedirects: false });
    expect((await follow(quiet, [to(302, '/x')])).exchange.response.status).toBe(302);
  });

  it('gives up the body of a redirect, and shows an empty one in the history', async () => {
    const body = new PiecewiseBody(['moved']);
    const moved = makeResponse(302, ['location: /x'], body);
    const { exchange } = await follow(makeRequest(`${ORIGIN}/`), [moved, OK]);
    expect(body.isCancelled).toBe(true);
    expect(exchange.history[0]!.response.body).toEqual(Buffer.alloc(0));
  });

  describe('credentials', () => {
    const secret = (url: string): ClientRequest =>
      makeRequest(url, {
        auth: basic('u', 'p'),
        headers: new HeaderList({
          Authorization: 'a',
          Cookie: 'b',
          'Proxy-Authorization': 'c',
          Host: 'd',
          'X-Kept': 'e',
        }),
      });
    const names = (request: ClientRequest): string[] => [...request.headers].map(([name]) => name);

    it.each([
      ['http://h/', 'http://other/'],
      ['http://h/', 'http://sub.h/'],
      ['http://h/', 'http://h:8080/'],
      ['http://h:8080/', 'https://h/'],
      ['http://h/', 'https://h:8443/'],
      ['https://h/', 'https://h:444/'],
    ])('do not go from %s to %s', async (from, location) => {
      const { sent } = await follow(secret(from), [to(307, location), OK]);
      expect(names(sent[1]!)).toEqual(['X-Kept']);
      expect(sent[1]!.auth).toBeNull();
    });

    it.each([
      ['http://h/', '/x'],
      ['http://h:80/', 'http://h/x'],
      ['http://h/', 'https://h/'],
      ['http://h/', 'https://h:443/x'],
    ])('go from %s to %s', async (from, location) => {
      const { sent } = await follow(secret(from), [to(307, location), OK]);
      expect(names(sent[1]!)).toHaveLength(5);
      expect(sent[1]!.auth).not.toBeNull();
    });

    it('stay away when the chain comes back', async () => {
      const answers = [to(302, 'http://evil/'), to(302, 'http://h/'), OK];
      const { sent } = await follow(secret('http://h/'), answers);
      expect(sent[2]!.url.origin).toBe('http://h');
      expect(names(sent[2]!)).toEqual(['X-Kept']);
      expect(sent[2]!.auth).toBeNull();
    });

    it('of a server, in its Location, are not used', async () => {
      const { sent } = await follow(makeRequest('http://h/'), [to(302, 'http://u:p@h/x'), OK]);
      expect(sent[1]!.url).toMatchObject({ href: 'http://h/x', username: '', password: '' });
    });

    it('of the request itself are untouched by what a hop drops', async () => {
      const request = secret('http://h/');
      await follow(request, [to(302, 'http://other/'), OK]);
      expect(names(request)).toHaveLength(5);
    });
  });

  it('does not go from https to http unless that is allowed', async () => {
    const request = makeRequest('https://h/');
    const error: unknown = await follow(request, [to(302, 'http://h/')]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RedirectError);
    expect(error).toMatchObject({ code: 'INSECURE_REDIRECT', phase: 'redirect' });
    const allowed = await follow(request, [to(302, 'http://h/'), OK], true);
    expect(allowed.exchange.request.url.href).toBe('http://h/');
  });

  it.each([
    'ftp://example.com/',
    'mailto:a@b',
    'javascript:alert(1)',
    'http://',
    'http://h:99999/',
    'https://\u00f0\u009f\u0098\u0087%/',
    'http://[::1',
  ])('refuses Location %j', async (location) => {
    const error: unknown = await follow(makeRequest(`${ORIGIN}/`), [to(302, location)]).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(RemoteProtocolError);
    expect(error).toMatchObject({ code: 'INVALID_REDIRECT' });
  });

  it('refuses two Locations that differ, and takes two that do not', async () => {
    const twice = makeResponse(302, ['location: /a', 'location: /b']);
    await expect(follow(makeRequest(`${ORIGIN}/`), [twice])).rejects.toMatchObject({
      code: 'INVALID_REDIRECT',
    });
    const same = makeResponse(302, ['location: /a', 'location: /a']);
    const { exchange } = await follow(makeRequest(`${ORIGIN}/`), [same, OK]);
    expect(exchange.request.url.target).toBe('/a');
  });

  it('does not send a body twice that can be read once', async () => {
    const body = streamBody(onceOnly());
    await expect(follow(post({ body }), [to(308, '/x')])).rejects.toMatchObject({
      name: 'RedirectError',
      code: 'BODY_NOT_REPLAYABLE',
    });
    const { exchange } = await follow(post({ body }), [to(303, '/x'), OK]);
    expect(exchange.request.method).toBe('GET');
  });
});
