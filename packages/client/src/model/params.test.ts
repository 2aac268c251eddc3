import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendQuery, encodeParams, joinQueries } from './params.ts';

describe('encodeParams', () => {
  it.each([
    [{ u: 'with spaces' }, 'u=with+spaces'],
    [{ u: '%' }, 'u=%25'],
    [{ u: 'with%20spaces' }, 'u=with%2520spaces'],
    [
      { flag: true, count: 2, big: 9n, none: null, left: undefined },
      'flag=true&count=2&big=9&none=',
    ],
    [{ a: [1, 2] }, 'a=1&a=2'],
    [{ a: [] }, ''],
    [
      [
        ['a', '1'],
        ['b', 2],
        ['a', null],
      ] as const,
      'a=1&b=2&a=',
    ],
    [new Map([['k', 'v&=']]), 'k=v%26%3D'],
    [new URLSearchParams('a=123&a=456&b=789'), 'a=123&a=456&b=789'],
    ['a=1%20x', 'a=1%20x'],
    ['?a=1', 'a=1'],
    ['a=1#2', 'a=1%232'],
    ['', ''],
  ])('gives the text of row %#', (input, expected) => {
    expect(encodeParams(input)).toBe(expected);
  });

  it('comes back as it was given, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string())), (pairs) => {
        expect([...new URLSearchParams(encodeParams(pairs))]).toEqual(pairs);
      }),
      { numRuns: 100 },
    );
  });
});

describe('appendQuery', () => {
  it.each([
    ['/a', 'b=1', '/a?b=1'],
    ['/a?', 'b=1', '/a?b=1'],
    ['/a?x=1', 'b=1', '/a?x=1&b=1'],
    ['/a?x=1&', 'b=1', '/a?x=1&b=1'],
    ['/a#f?', 'b=1', '/a?b=1#f?'],
    ['/a?x=1#f', 'b=1', '/a?x=1&b=1#f'],
    ['/a#f', '', '/a#f'],
  ])('%s with %s is %s', (url, query, expected) => {
    expect(appendQuery(url, query)).toBe(expected);
  });
});

describe('joinQueries', () => {
  it('puts & between two, and nothing beside one', () => {
    expect(joinQueries('a=1', 'b=2')).toBe('a=1&b=2');
    expect(joinQueries('', 'b=2')).toBe('b=2');
    expect(joinQueries('a=1', '')).toBe('a=1');
  });
});
