import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { InvalidRequestError } from '../errors.ts';
import { converse, makeResponse } from '../send/exchange.fixture.ts';
import { basic } from './basic.ts';
import { bearer } from './bearer.ts';
import { authFlow } from './auth-flow.ts';
import { resolveAuth } from './resolve-auth.ts';
import type { AuthInput } from '../model/client-options.ts';

const request = makeRequest('http://example.com/');

async function authorizationOf(input: AuthInput): Promise<string | null> {
  const { sent } = await converse(resolveAuth(input), request, () => makeResponse(200));
  expect(sent).toHaveLength(1);
  return sent[0]!.headers.get('authorization');
}

describe('basic()', () => {
  it('sends name and password in Base64', async () => {
    expect(await authorizationOf(basic('user', 'password123'))).toBe(
      'Basic dXNlcjpwYXNzd29yZDEyMw==',
    );
    expect(await authorizationOf(basic('', ''))).toBe('Basic Og==');
  });

  it('sends UTF-8 (RFC 7617 §2.1)', async () => {
    expect(await authorizationOf(basic('test', '123\u00a3'))).toBe('Basic dGVzdDoxMjPCow==');
  });

  it.each([
    ['a:b', 'hunter2'],
    ['a', 'hunter2\n'],
    ['a\0', 'hunter2'],
  ])('refuses %j and %j without showing the password', (username, password) => {
    const refused = (): unknown => basic(username, password);
    expect(refused).toThrow(InvalidRequestError);
    expect(refused).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});

describe('bearer()', () => {
  it('sends a token, or asks for one each time', async () => {
    expect(await authorizationOf(bearer('t0k.en'))).toBe('Bearer t0k.en');
    let count = 0;
    const flow = bearer(() => Promise.resolve(`t${(count += 1)}`));
    expect(await authorizationOf(flow)).toBe('Bearer t1');
    expect(await authorizationOf(flow)).toBe('Bearer t2');
  });

  it.each(['', 'two words', 'line\n', 'caf\u00e9'])('refuses the token %j', (token) => {
    expect(() => bearer(token)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it('rejects with AuthError when the function fails, or gives no token', async () => {
    const cause = new Error('vault sealed');
    const failing = bearer(() => Promise.reject(cause));
    await expect(authorizationOf(failing)).rejects.toMatchObject({ code: 'AUTH_TOKEN', cause });
    const empty = bearer(() => undefined as unknown as string);
    await expect(authorizationOf(empty)).rejects.toMatchObject({ code: 'AUTH_TOKEN' });
  });
});

describe('resolveAuth()', () => {
  it('takes a pair, a token and a flow', async () => {
    expect(await authorizationOf({ username: 'user', password: 'password123' })).toBe(
      'Basic dXNlcjpwYXNzd29yZDEyMw==',
    );
    expect(await authorizationOf({ bearer: 'abc' })).toBe('Bearer abc');
    const own = authFlow(function* (asked) {
      asked.headers.set('X-Signature', asked.url.target);
      yield asked;
    });
    const { sent } = await converse(resolveAuth(own), request, () => makeResponse(200));
    expect(sent[0]!.headers.get('x-signature')).toBe('/');
  });

  it.each([
    [['user', 'pass']],
    ['user:pass'],
    [null],
    [{}],
    [{ username: 'a' }],
    [{ bearer: 7 }],
    [() => {}],
  ])('refuses %j', (input) => {
    expect(() => resolveAuth(input as unknown as AuthInput)).toThrow(InvalidRequestError);
  });
});
