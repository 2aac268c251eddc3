import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUrl } from './request-url.ts';
import { ResponseLinks } from './response-links.ts';

const BASE = parseUrl('https://api.example/items/?page=1');

function links(...values: string[]): ResponseLinks {
  return new ResponseLinks(values, BASE);
}

function plain(value: string): unknown {
  return [...links(value)].map(({ url, rel, params }) => [url, rel.join(' '), { ...params }]);
}

describe('ResponseLinks', () => {
  it.each([
    ['<https://a/>; rel=next', [['https://a/', 'next', {}]]],
    ['</x?a=1,2;b>; rel="next"', [['https://api.example/x?a=1,2;b', 'next', {}]]],
    [
      '<?page=2>; rel="next last"; title="a, b; \\"c\\""',
      [['https://api.example/items/?page=2', 'next last', { title: 'a, b; "c"' }]],
    ],
    [
      '<a>; rel=next, <b>; rel=prev,,',
      [
        ['https://api.example/items/a', 'next', {}],
        ['https://api.example/items/b', 'prev', {}],
      ],
    ],
    [
      '<a> ;REL = Next ; rel=prev;Type=text/html',
      [['https://api.example/items/a', 'next', { type: 'text/html' }]],
    ],
    ['<a>;rel="https://x/Rel NEXT"', [['https://api.example/items/a', 'https://x/Rel next', {}]]],
    [
      "<a>;rel=x;title=plain;title*=UTF-8'de'n%c3%a4chstes",
      [['https://api.example/items/a', 'x', { title: 'n\u00e4chstes' }]],
    ],
    [
      "<a>;title*=UTF-8'de'n%c3%a4chstes;title=plain",
      [['https://api.example/items/a', '', { title: 'n\u00e4chstes' }]],
    ],
    [
      "<a>;title*=UTF-8''%ff;title=plain",
      [['https://api.example/items/a', '', { 'title*': "UTF-8''%ff", title: 'plain' }]],
    ],
    ['<mailto:a@b>;rel=author', [['mailto:a@b', 'author', {}]]],
    ['<>;rel=self', [['https://api.example/items/?page=1', 'self', {}]]],
    ['<a>', [['https://api.example/items/a', '', {}]]],
    ['<a>;', [['https://api.example/items/a', '', {}]]],
    ['<a>;crossorigin;rel=x', [['https://api.example/items/a', 'x', { crossorigin: '' }]]],
    ['no target; a="x, <y>", <b>;rel=next', [['https://api.example/items/b', 'next', {}]]],
    ['<a', []],
    ['<a>;rel="next', [['https://api.example/items/a', 'next', {}]]],
    ['', []],
  ])('reads %j', (value, expected) => {
    expect(plain(value)).toEqual(expected);
  });

  it('finds relations in any letter case, over several fields', () => {
    const found = links('<a>; rel=NEXT', '<b>; rel="x next"');
    expect(found.get('next')?.url).toBe('https://api.example/items/a');
    expect(found.getAll('Next').map(({ url }) => url)).toHaveLength(2);
    expect(found.get('prev')).toBeNull();
    expect(found.size).toBe(2);
  });

  it('does not take a link of another resource for its own', () => {
    const found = links('<a>; rel=next; anchor="/other", <b>; rel=next; anchor="?page=1"');
    expect(found.get('next')?.url).toBe('https://api.example/items/b');
    expect(found.size).toBe(2);
  });

  it('keeps names of objects apart from its own', () => {
    expect(links('<a>; __proto__=x; rel=constructor').get('constructor')?.params['__proto__']).toBe(
      'x',
    );
  });

  it('reads anything, in time that grows with its length only', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[<>;,="\\ ar]{0,40}$/), (value) => {
        for (const { rel } of links(value)) expect(Array.isArray(rel)).toBe(true);
      }),
    );
    const startedAt = performance.now();
    for (const piece of ['<', '<a>,', ';', ';a="', '"', ' ', ',', '<>;rel=" a"', 'x;', '\\']) {
      links(piece.repeat(20_000), `<a>${piece.repeat(20_000)}`);
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
