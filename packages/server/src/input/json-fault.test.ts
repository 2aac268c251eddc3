import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from './json-fault.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findJsonFault', () => {
  it.each([
    ['', 0, 'a value'],
    ['  ', 2, 'a value'],
    ['{"a":}', 5, 'a value'],
    ['[', 1, 'a value or ]'],
    ['[1,]', 3, 'a value'],
    ['{', 1, 'a name in double quotes or }'],
    ["{'a':1}", 1, 'a name in double quotes or }'],
    ['{"a":1,}', 7, 'a name in double quotes'],
    ['{"a" 1}', 5, 'a colon'],
    ['{"a":1 "b":2}', 7, 'a comma or }'],
    ['[1 2]', 3, 'a comma or ]'],
    ['[1}', 2, 'a comma or ]'],
    ['"a', 2, 'a closing quote'],
    ['"a\n"', 2, 'an escape, for a control'],
    ['"\\x"', 1, 'a valid escape'],
    ['01', 1, 'the end'],
    ['1 1', 2, 'the end'],
    ['nul', 0, 'a value'],
    ['-', 0, 'a value'],
    ['1.', 1, 'the end'],
    ['NaN', 0, 'a value'],
    ['\uFEFF1', 0, 'a value'],
  ])('finds what is wrong with %j', (text, offset, expected) => {
    expect(findJsonFault(text)).toMatchObject({ offset, expected });
    expect(isJson(text)).toBe(false);
  });

  it('counts lines and columns from 1', () => {
    expect(findJsonFault('{\n  "a": 1,\n  b\n}')).toMatchObject({ line: 3, column: 3 });
  });

  it('finds nothing in JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(findJsonFault(text)).toBeNull();
      }),
    );
  });

  it('agrees with JSON.parse on any text of JSON characters', () => {
    const unit = fc.constantFrom(
      ...'[]{}:,"\\u0e1-. \nt'.split(''),
      'true',
      'null',
      '"a"',
      '\\u00e9',
      '12',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        expect(findJsonFault(text) === null).toBe(isJson(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('agrees with JSON.parse on JSON with one character changed', () => {
    const change = fc.constantFrom(...'[]{}:,"\\0 '.split(''), '');
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), change, (json, at, character) => {
        const place = at % json.length;
        const text = json.slice(0, place) + character + json.slice(place + 1);
        expect(findJsonFault(text) === null).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a million open brackets', () => {
    expect(findJsonFault('['.repeat(1_000_000))).toMatchObject({ offset: 1_000_000 });
    expect(findJsonFault('{"a":'.repeat(200_000))).toMatchObject({ offset: 1_000_000 });
  });
});
