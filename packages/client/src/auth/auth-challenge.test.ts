import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAuthParams, parseChallenges } from './auth-challenge.ts';

function plain(...values: string[]): unknown {
  return parseChallenges(values).map(({ scheme, params, token68 }) => [
    scheme,
    token68 ?? Object.fromEntries(params),
  ]);
}

describe('parseChallenges()', () => {
  it('tells commas between challenges from commas between parameters', () => {
    expect(
      plain('Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"'),
    ).toEqual([
      ['newauth', { realm: 'apps', type: '1', title: 'Login to "apps"' }],
      ['basic', { realm: 'simple' }],
    ]);
  });

  it.each([
    ['Negotiate', [['negotiate', {}]]],
    [
      'Negotiate, Basic realm=x',
      [
        ['negotiate', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['Negotiate oYG+/a==', [['negotiate', 'oYG+/a==']]],
    [
      'Negotiate oYG=, NTLM',
      [
        ['negotiate', 'oYG='],
        ['ntlm', {}],
      ],
    ],
    [', ,Basic realm = "a, b" ,,charset=UTF-8', [['basic', { realm: 'a, b', charset: 'UTF-8' }]]],
    ['Digest REALM="a", realm="b"', [['digest', { realm: 'a' }]]],
    ['Digest realm="open', [['digest', { realm: 'open' }]]],
    ['Digest realm="a"junk, nonce=n', [['digest', { realm: 'a', nonce: 'n' }]]],
    ['"', []],
    ['', []],
    ['===, Basic realm=x', [['basic', { realm: 'x' }]]],
    [
      'Digest qop="auth,auth-int", nonce="\\\\"',
      [['digest', { qop: 'auth,auth-int', nonce: '\\' }]],
    ],
  ])('reads %j', (value, expected) => {
    expect(plain(value)).toEqual(expected);
  });

  it('reads several fields as one list', () => {
    expect(plain('Basic realm=a', 'Digest realm=b')).toEqual([
      ['basic', { realm: 'a' }],
      ['digest', { realm: 'b' }],
    ]);
  });

  it('reads back what was written', () => {
    const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/);
    const text = fc.stringMatching(/^[ -~]{0,12}$/);
    const params = fc.uniqueArray(fc.tuple(token, text), {
      minLength: 1,
      selector: ([name]) => name.toLowerCase(),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(token, params), { minLength: 1, maxLength: 4 }),
        (challenges) => {
          const written = challenges.map(([scheme, pairs]) => {
            const fields = pairs.map(
              ([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`,
            );
            return `${scheme} ${fields.join(', ')}`;
          });
          const expected = challenges.map(([scheme, pairs]) => [
            scheme.toLowerCase(),
            Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value])),
          ]);
          expect(plain(written.join(', '))).toEqual(expected);
        },
      ),
    );
  });

  it('reads anything, in time that grows with its length only', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[aA=," \\\t;]{0,60}$/), (value) => {
        expect(Array.isArray(parseChallenges([value]))).toBe(true);
      }),
    );
    const startedAt = performance.now();
    for (const piece of ['a ', 'a= ', 'a="', ' ', ',', 'a a=', '\\"', '=', 'a\t\t']) {
      parseChallenges([piece.repeat(50_000), `Digest ${piece.repeat(50_000)}`]);
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});

describe('parseAuthParams()', () => {
  it('reads Authentication-Info', () => {
    const params = parseAuthParams('nextnonce="abc", qop=auth, rspauth="00", nc=00000001');
    expect(Object.fromEntries(params)).toEqual({
      nextnonce: 'abc',
      qop: 'auth',
      rspauth: '00',
      nc: '00000001',
    });
  });
});
