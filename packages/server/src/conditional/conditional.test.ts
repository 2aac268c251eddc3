import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseCoding } from './accept-encoding.ts';
import { listHasTag } from './entity-tag.ts';
import { parseHttpDate } from './http-date.ts';
import { parseRanges } from '../static/byte-ranges.ts';
import { safeSegments } from '../static/safe-segments.ts';

describe('chooseCoding()', () => {
  it.each([
    [null, null],
    ['', null],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br, gzip', 'br'],
    ['gzip;q=1, br;q=0.5', 'gzip'],
    ['*', 'br'],
    ['*;q=0', null],
    ['br;q=0, *;q=0.1', 'gzip'],
    ['identity, gzip;q=0.5', null],
    ['gzip;q=2', null],
    ['gzip ; q=0.8 , BR;q=0.9', 'br'],
    ['deflate', null],
  ])('takes %j for %j', (field, coding) => {
    expect(chooseCoding(field, ['br', 'gzip'])).toBe(coding);
  });

  it('gives one of what was offered for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (field) => {
        expect([null, 'br', 'gzip']).toContain(chooseCoding(field, ['br', 'gzip']));
      }),
    );
  });
});

describe('listHasTag()', () => {
  it('compares weakly and strongly (RFC 9110 §8.8.3.2)', () => {
    expect(listHasTag('"a", W/"b"', 'W/"a"', false)).toBe(true);
    expect(listHasTag('W/"b"', '"b"', false)).toBe(true);
    expect(listHasTag('W/"b"', '"b"', true)).toBe(false);
    expect(listHasTag('"b"', 'W/"b"', true)).toBe(false);
    expect(listHasTag('"a,b" , "b"', '"b"', true)).toBe(true);
    expect(listHasTag('"a,b"', '"b"', false)).toBe(false);
    expect(listHasTag('b', '"b"', false)).toBe(false);
    expect(listHasTag('', '"b"', false)).toBe(false);
  });
});

describe('parseHttpDate()', () => {
  it('takes the three forms, and no other', () => {
    const at = Date.UTC(1994, 10, 6, 8, 49, 37);
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(at);
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(at);
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994')).toBe(at);
    for (const text of [
      '1994-11-06',
      '0',
      'Sun, 06 Nov 1994 08:49:37',
      'Sun, 99 Foo 1994 08:49:37 GMT',
    ]) {
      expect(parseHttpDate(text)).toBeNaN();
    }
  });
});

describe('parseRanges()', () => {
  it('gives ranges within the file for any text', () => {
    const pieces = fc.constantFrom(
      'bytes=',
      '0',
      '5',
      '99',
      '-',
      ',',
      ' ',
      '=',
      '1e3',
      '999999999999999999',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), fc.nat(50), (parts, sizeBytes) => {
        const ranges = parseRanges(parts.join(''), sizeBytes);
        if (typeof ranges === 'string') return;
        for (const { first, last } of ranges) {
          expect(first).toBeGreaterThanOrEqual(0);
          expect(last).toBeGreaterThanOrEqual(first);
          expect(last).toBeLessThan(sizeBytes);
        }
      }),
    );
  });

  it('ignores more ranges than anybody needs', () => {
    const many = Array.from({ length: 17 }, (_, at) => `${at * 2}-${at * 2}`).join(',');
    expect(parseRanges(`bytes=${many}`, 100)).toBe('whole');
  });
});

describe('safeSegments()', () => {
  const rules = { dotfiles: false, platform: 'win32' } as const;

  it.each([
    'con',
    'aux.txt',
    'COM1',
    'a:b',
    'x.txt::$DATA',
    'trailing.',
    'trailing ',
    'a\\b',
    'a\0',
  ])('refuses %j on Windows', (name) => {
    expect(safeSegments(`docs/${name}`, rules)).toBeNull();
  });

  it('leads nowhere but down', () => {
    const unit = fc.constantFrom('.', '..', '/', 'a', '\\', '\0', '...', '~');
    fc.assert(
      fc.property(fc.array(unit), (parts) => {
        const segments = safeSegments(parts.join(''), { dotfiles: true, platform: 'linux' });
        if (segments === null) return;
        for (const segment of segments) expect(segment).not.toMatch(/^\.{1,2}$|[/\\\0]/);
      }),
    );
    expect(safeSegments('aux.js', { dotfiles: false, platform: 'linux' })).toEqual(['aux.js']);
  });
});
