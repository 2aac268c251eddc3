import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCookies } from './cookies.ts';
import { encodeCookie } from './encode-cookie.ts';

function plain(header: string): Record<string, string> {
  return Object.fromEntries(Object.entries(parseCookies(header)));
}

describe('parseCookies', () => {
  it('gives values by name, without the space and the quotes around them', () => {
    expect(plain('a=1; b="two"; c=x=y;d=')).toEqual({ a: '1', b: 'two', c: 'x=y', d: '' });
    expect(plain(' a =\t1 ;b=" "')).toEqual({ a: '1', b: ' ' });
  });

  it('takes the first of two with one name', () => {
    expect(plain('sid=deep; sid=shallow')).toEqual({ sid: 'deep' });
    expect(plain('sid=; sid=second')).toEqual({ sid: '' });
  });

  it('decodes nothing', () => {
    expect(plain('a=%41; b=+')).toEqual({ a: '%41', b: '+' });
  });

  it('leaves out what has no name or no equals sign', () => {
    expect(plain('a; =b; ;; c=1; tail')).toEqual({ c: '1' });
    expect(plain('')).toEqual({});
    expect(plain('"')).toEqual({});
    expect(plain('a="')).toEqual({ a: '"' });
  });

  it('takes names of prototypes for names like others', () => {
    const cookies = parseCookies('__proto__=1; constructor=2');
    expect(cookies['__proto__']).toBe('1');
    expect(Object.keys(cookies)).toEqual(['__proto__', 'constructor']);
    expect(cookies['toString']).toBeUndefined();
  });

  it('refuses more than 300, or than it is told', () => {
    const many = (count: number): string =>
      Array.from({ length: count }, (_, at) => `c${at}=1`).join('; ');
    expect(Object.keys(parseCookies(many(300)))).toHaveLength(300);
    expect(() => parseCookies(many(301))).toThrow(/more than 300 cookies/);
    expect(() => parseCookies('a=1; b=2', { cookies: 1 })).toThrow(/more than 1 cookies/);
  });

  it('reads any text without an error', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ';', '=', '"', ' ', '\t', ',') }),
        (text) => {
          for (const [name, value] of Object.entries(parseCookies(text))) {
            expect(name.trim()).toBe(name);
            expect(`${name}${value}`).not.toContain(';');
          }
        },
      ),
    );
  });

  it('reads back what encodeCookie wrote', () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^`|~0-9A-Za-z]{1,12}$/);
    const value = fc.stringMatching(/^[!#-+\--:<-[\]-~]{0,20}$/);
    fc.assert(
      fc.property(fc.uniqueArray(token, { minLength: 1, maxLength: 5 }), value, (names, text) => {
        const header = names.map((name) => encodeCookie(name, text)).join('; ');
        const expected = Object.fromEntries(names.map((name) => [name, text]));
        expect(plain(header)).toEqual(expected);
      }),
    );
  });
});
