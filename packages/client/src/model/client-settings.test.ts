import { describe, expect, it } from 'vitest';
import { InvalidRequestError, InvalidUrlError } from '../errors.ts';
import { createSettings, extendSettings } from './client-settings.ts';
import type { ClientOptions } from './client-options.ts';

const pairs = (options: ClientOptions): unknown[] => [...createSettings(options).headers];

describe('createSettings', () => {
  it('has the documented defaults', () => {
    const settings = createSettings({});
    expect([...settings.headers]).toEqual([
      ['Accept', '*/*'],
      ['Accept-Encoding', 'gzip, deflate, br, zstd'],
      ['User-Agent', expect.stringMatching(/^needletail\/\d+\.\d+\.\d+/)],
    ]);
    expect(settings).toMatchObject({
      followRedirects: true,
      maxRedirects: 20,
      allowDowngrade: false,
      retry: null,
      auth: null,
      maxBodyBytes: 67_108_864,
      decompress: true,
      timeouts: {
        pool: 30_000,
        connect: 10_000,
        write: 30_000,
        read: 30_000,
        exchange: Infinity,
        total: Infinity,
      },
    });
  });

  it('lets headers replace those of the same name, in any letter case, and null drop them', () => {
    expect(pairs({ headers: { 'user-agent': 'me', accept: null, 'X-A': ['1', '2'] } })).toEqual([
      ['Accept-Encoding', 'gzip, deflate, br, zstd'],
      ['user-agent', 'me'],
      ['X-A', ['1', '2']],
    ]);
  });

  it('does not ask for codings it will not undo, unless told to', () => {
    expect(pairs({ decompress: false }).length).toBe(2);
    const own = createSettings({ decompress: false, headers: { 'Accept-Encoding': 'br' } });
    expect(own.headers.getAll('accept-encoding')).toEqual(['br']);
  });

  it('reads time-outs as one number, none, or each', () => {
    const limits = (timeout: ClientOptions['timeout']): unknown =>
      createSettings(timeout === undefined ? {} : { timeout }).timeouts;
    expect(limits(5)).toEqual({
      pool: 5,
      connect: 5,
      write: 5,
      read: 5,
      exchange: Infinity,
      total: Infinity,
    });
    expect(limits({ read: null, total: 9 })).toMatchObject({
      connect: 10_000,
      read: Infinity,
      total: 9,
    });
    expect(limits(null)).toMatchObject({ pool: Infinity, total: Infinity });
  });

  it.each([
    [{ header: {} }, 'Perhaps headers is meant'],
    [{ baseURL: 'http://h' }, 'Perhaps baseUrl is meant'],
    [{ followRedirect: true }, 'Perhaps followRedirects is meant'],
    [{ zzzzzzzzzzzz: 1 }, 'Use allowDowngrade,'],
    [{ timeout: -1 }, 'timeout'],
    [{ timeout: 0 }, 'timeout'],
    [{ timeout: Number.NaN }, 'timeout'],
    [{ timeout: { head: 1 } }, 'names no phase'],
    [{ timeout: { read: '5' } }, 'timeout.read'],
    [{ maxRedirects: -1 }, 'maxRedirects'],
    [{ maxRedirects: 1.5 }, 'maxRedirects'],
    [{ maxBodyBytes: '1' }, 'maxBodyBytes'],
    [{ followRedirects: 'no' }, 'followRedirects'],
    [{ rateLimit: { requestsPerSecond: 0 } }, 'rateLimit.requestsPerSecond'],
    [{ rateLimit: { requestsPerSecond: 1, burst: 0 } }, 'rateLimit.burst'],
    [{ rateLimit: { rps: 1 } }, 'rps'],
    [{ retry: { tries: 1 } }, 'tries'],
    [{ hooks: { onRequest: () => {} } }, 'onRequest'],
    [{ hooks: { request: 'log' } }, 'hooks.request'],
    [{ hooks: 5 }, 'hooks'],
    [{ mounts: { http: null } }, 'http://'],
    [{ mounts: { 'all://': {} } }, "mounts['all://']"],
    [{ traceContext: 'yes' }, 'traceContext'],
    [{ headers: 'X-A: 1' }, 'headers'],
    [{ params: 5 }, 'params'],
    [{ cookies: 'a=1' }, 'cookies'],
    [{ baseUrl: new URL('http://h/') }, 'baseUrl'],
    [{ cookies: { a: 'x; Path=/' } }, 'Cookie "a" not sent'],
    [{ cookies: { 'a b': 'x' } }, 'no token'],
    [{ cookies: { a: 7 } }, 'not text'],
    [{ auth: 'user:pass' }, 'auth'],
    [{ cookieJar: 1 }, 'cookieJar'],
    [{ baseUrl: 'http://h/?a=1' }, 'query'],
    ['http://h', 'options'],
  ])('refuses %j and says %j', (options, words) => {
    const create = (): unknown => createSettings(options as ClientOptions);
    expect(create).toThrow(InvalidRequestError);
    expect(create).toThrow(words);
  });

  it('refuses a base URL that is none', () => {
    expect(() => createSettings({ baseUrl: 'h/v1' })).toThrow(InvalidUrlError);
  });
});

describe('extendSettings', () => {
  const base = createSettings({
    baseUrl: 'http://h/v1',
    headers: { 'X-A': '1', 'X-B': '2' },
    params: { a: 1 },
    cookies: { a: '1', b: '2' },
    timeout: { read: 5 },
    retry: { attempts: 7 },
    rateLimit: { requestsPerSecond: 1 },
  });

  it('puts headers over, adds params and cookies, and changes of the rest what is named', () => {
    const settings = extendSettings(base, {
      headers: { 'x-a': '9', 'X-B': null, 'X-C': '3' },
      params: 'b=2',
      cookies: { b: '9', c: '3' },
      timeout: { connect: 6 },
      retry: { backoffMs: 1 },
    });
    expect([...settings.headers].slice(3)).toEqual([
      ['x-a', '9'],
      ['X-C', '3'],
    ]);
    expect(settings.params).toBe('a=1&b=2');
    expect(settings.cookies).toEqual({ a: '1', b: '9', c: '3' });
    expect(settings.timeouts).toMatchObject({ read: 5, connect: 6 });
    expect(settings.retry).toMatchObject({ attempts: 7, backoffMs: 1 });
    expect(settings.baseUrl?.prefix).toBe('http://h/v1');
    expect(base.headers.get('x-a')).toBe('1');
  });

  it('shares cookies and rate limit, unless given its own', () => {
    const child = extendSettings(base, {});
    expect(child.cookieStore).toBe(base.cookieStore);
    expect(child.rateLimiter).toBe(base.rateLimiter);
    const apart = extendSettings(base, { cookieJar: true, rateLimit: { requestsPerSecond: 2 } });
    expect(apart.cookieStore).not.toBe(base.cookieStore);
    expect(apart.rateLimiter).not.toBe(base.rateLimiter);
    expect(extendSettings(base, { cookieJar: false }).cookieStore).toBeNull();
  });
});
