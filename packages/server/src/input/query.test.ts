import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInputError } from './bad-input.ts';
import { parseQuery, type Query } from './query.ts';

/** Whatever it holds, as a plain object that assertions can print. */
function plain(query: Query): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(query));
}

/** What a browser makes of it. */
function asBrowser(text: string): Record<string, string | string[]> {
  const params = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(params.keys())].map((name) => {
      const values = params.getAll(name);
      return [name, values.length === 1 ? values[0]! : values];
    }),
  );
}

function refusal(act: () => unknown): BadInputError {
  try {
    act();
  } catch (error) {
    if (error instanceof BadInputError) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}

describe('parseQuery', () => {
  it('gives a value, all values of a repeated name, and empty text for none', () => {
    expect(plain(parseQuery('a=1&a=2&b&c=&a=3'))).toEqual({ a: ['1', '2', '3'], b: '', c: '' });
  });

  it('decodes escapes and plus signs in names and values', () => {
    expect(plain(parseQuery('q+a=x+y&%C3%A9=%F0%9F%98%80%26&e=a=b=c'))).toEqual({
      'q a': 'x y',
      é: '😀&',
      e: 'a=b=c',
    });
  });

  it('leaves out empty pairs, and keeps empty names', () => {
    expect(plain(parseQuery('&&a=1&&=x&'))).toEqual({ a: '1', '': 'x' });
    expect(plain(parseQuery(''))).toEqual({});
  });

  it('has no inherited names, and takes those of prototypes for names like others', () => {
    const query = parseQuery('__proto__=1&constructor=2&__proto__=3&toString=4');
    expect(query['__proto__']).toEqual(['1', '3']);
    expect(query['constructor']).toBe('2');
    expect(query['toString']).toBe('4');
    expect(query['hasOwnProperty']).toBeUndefined();
    expect('valueOf' in query).toBe(false);
    expect(Object.keys(query)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('cannot be given a prototype that others see', () => {
    const prototype = Object.getPrototypeOf(parseQuery('')) as object;
    expect(Object.isFrozen(prototype)).toBe(true);
  });

  it.each(['a=%', 'a=%4', 'a=%zz', '%ff=1', 'a=%c3', 'b=1&a=%C3%28', 'a=%ED%A0%80'])(
    'refuses %s',
    (text) => {
      const error = refusal(() => parseQuery(text));
      expect(error).toMatchObject({ status: 400, code: 'BAD_QUERY' });
      expect(error.detail).toMatch(/between characters \d+ and \d+/);
    },
  );

  it('refuses more than 1,000 parameters, or than it is told', () => {
    const text = Array.from({ length: 1001 }, (_, at) => `p${at}=1`).join('&');
    expect(Object.keys(parseQuery(text.slice(0, text.lastIndexOf('&'))))).toHaveLength(1000);
    expect(refusal(() => parseQuery(text))).toMatchObject({ status: 400, code: 'INPUT_LIMIT' });
    const error = refusal(() => parseQuery('a=1&a=2&a=3', { parameters: 2 }));
    expect(error.detail).toBe('There are more than 2 parameters in the query.');
  });

  it('reads what URLSearchParams writes, as URLSearchParams reads it', () => {
    const unit = fc.constantFrom('a', '&', '=', '%', '+', ' ', 'é', '😀', '\0', '\uFFFD', '#', '~');
    const text = fc.string({ unit, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 12 }), (pairs) => {
        const written = new URLSearchParams(pairs).toString();
        expect(plain(parseQuery(written))).toEqual(asBrowser(written));
      }),
    );
  });

  it('gives what a browser gives for any text, or refuses it for its escapes', () => {
    const unit = fc.constantFrom(
      'a',
      '&',
      '=',
      '%',
      '+',
      '2',
      '0',
      'c',
      '3',
      '%C3%A9',
      '_',
      '__proto__',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        let query: Query;
        try {
          query = parseQuery(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_QUERY', status: 400 });
          expect(() => decodeURIComponent(text)).toThrow(URIError);
          return;
        }
        expect(plain(query)).toEqual(asBrowser(text));
      }),
    );
  });
});
