import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../errors.ts';
import { buildRequest } from './build-request.ts';
import type { ClientOptions, RequestOptions } from './client-options.ts';
import { requestWith, type ClientRequest } from './client-request.ts';
import { createSettings } from './client-settings.ts';

function build(
  client: ClientOptions,
  method: string,
  url: string | URL,
  options?: RequestOptions,
): ClientRequest {
  return buildRequest(createSettings(client), method, url, options, false);
}

/** What the first request of its way to authenticate says. */
async function authorization(request: ClientRequest): Promise<string | null> {
  const step = await request.auth?.flow({ ...request, headers: request.headers.copy() }).next();
  return (step?.value as ClientRequest | undefined)?.headers.get('authorization') ?? null;
}

const BASIC = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('buildRequest', () => {
  it('shares the headers of the client with every request that brings none', () => {
    const settings = createSettings({});
    const request = buildRequest(settings, 'GET', 'http://h/', undefined, false);
    expect(request.headers).toBe(settings.headers);
    expect(request.ownsHeaders).toBe(false);
  });

  it('shares one list between requests with JSON, and changes that of the client for none', () => {
    const settings = createSettings({});
    const [one, two] = [1, 2].map((json) =>
      buildRequest(settings, 'POST', 'http://h/', { json }, false),
    );
    expect(one!.headers).toBe(two!.headers);
    expect(one!.headers.get('content-type')).toBe('application/json');
    expect(settings.headers.has('content-type')).toBe(false);
  });

  it('lets the headers say what the body is', () => {
    const options = { json: {}, headers: { 'content-type': 'application/vnd.api+json' } };
    const { headers } = build({}, 'POST', 'http://h/', options);
    expect(headers.getAll('content-type')).toEqual(['application/vnd.api+json']);
  });

  it.each([
    ['get', 'GET'],
    ['Patch', 'PATCH'],
    ['query', 'query'],
    ['PROPFIND', 'PROPFIND'],
  ])('%s is sent as %s', (method, expected) => {
    expect(build({}, method, 'http://h/').method).toBe(expected);
  });

  it('puts parameters of URL, client and request in that order', () => {
    const { url } = build({ params: { b: 2 } }, 'GET', 'http://h/?a=1#f', { params: { c: 'x y' } });
    expect(url.target).toBe('/?a=1&b=2&c=x+y');
    expect(url.fragment).toBe('#f');
  });

  it('takes a URL object', () => {
    expect(build({}, 'GET', new URL('http://h/x?y')).url.href).toBe('http://h/x?y');
  });

  it.each<[ClientOptions, string, RequestOptions | undefined, string | null]>([
    [{}, 'http://u:p@h/', undefined, BASIC('u:p')],
    [{ auth: { bearer: 't' } }, 'http://h/', undefined, 'Bearer t'],
    [{ auth: { bearer: 't' } }, 'http://u:p@h/', undefined, BASIC('u:p')],
    [{ auth: { bearer: 't' } }, 'http://u:p@h/', { auth: { bearer: 'r' } }, 'Bearer r'],
    [{ auth: { bearer: 't' } }, 'http://u:p@h/', { auth: null }, null],
    [{ baseUrl: 'http://u:p@h/' }, '/x', undefined, BASIC('u:p')],
    [{ baseUrl: 'http://u:p@h/', auth: { bearer: 't' } }, '/x', undefined, 'Bearer t'],
    [{ baseUrl: 'http://u:p@h/', auth: null }, '/x', undefined, null],
    [{}, 'http://h/', undefined, null],
  ])(
    'the nearest word on authentication counts (%j, %s)',
    async (client, url, options, expected) => {
      expect(await authorization(build(client, 'GET', url, options))).toBe(expected);
    },
  );

  it('sends the cookies of client and request, and a Cookie field besides', () => {
    const { headers } = build({ cookies: { a: '1', b: '2' } }, 'GET', 'http://h/', {
      cookies: { b: '3' },
      headers: { cookie: 'c=4; a=5' },
    });
    expect(headers.getAll('cookie')).toEqual(['a=1; b=3; c=4']);
  });

  it('keeps the cookies of a client with a base URL to its origin', () => {
    const client = { baseUrl: 'http://h/', cookies: { a: '1' } };
    expect(build(client, 'GET', '/x').headers.get('cookie')).toBe('a=1');
    expect(build(client, 'GET', 'http://other/').headers.get('cookie')).toBeNull();
  });

  it('asks for codings as the request wants to have them undone', () => {
    const accepts = (client: ClientOptions, options: RequestOptions): string | null =>
      build(client, 'GET', 'http://h/', options).headers.get('accept-encoding');
    expect(accepts({}, { decompress: false })).toBeNull();
    expect(accepts({ decompress: false }, { decompress: true })).toBe('gzip, deflate, br, zstd');
    expect(accepts({}, { decompress: false, headers: { 'accept-encoding': 'br' } })).toBe('br');
  });

  it('takes the name that measurements group it under along, into copies too', () => {
    const request = build({}, 'GET', 'http://h/cart/7', { name: 'GET /cart/:id' });
    const watch = { sent() {}, firstByte() {}, bytesSent() {}, bytesReceived() {} };
    request.watch = watch;
    expect(requestWith(request, { method: 'PUT' })).toMatchObject({ name: 'GET /cart/:id', watch });
    expect(build({}, 'GET', 'http://h/')).toMatchObject({ name: null, watch: null });
  });

  it.each([
    [{ header: {} }, 'Perhaps headers is meant'],
    [{ baseUrl: 'http://h' }, 'there is none of that name for a request'],
    [{ signal: {} }, 'AbortSignal'],
    [{ maxRedirects: -1 }, 'maxRedirects'],
    [{ maxBodyBytes: Number.NaN }, 'maxBodyBytes'],
    [{ followRedirects: 1 }, 'followRedirects'],
    [{ timeout: -5 }, 'timeout'],
    [{ name: '' }, 'is no name'],
    [{ json: 1, body: '1' }, 'json and body'],
    ['text', 'options'],
  ])('refuses %j', (options, words) => {
    const run = (): unknown => build({}, 'GET', 'http://h/', options as RequestOptions);
    expect(run).toThrow(InvalidRequestError);
    expect(run).toThrow(words);
  });
});
