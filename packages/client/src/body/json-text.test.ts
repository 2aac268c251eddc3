import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRequest } from '../model/client-request.fixture.ts';
import { DecodingError } from '../errors.ts';
import { findJsonFault } from './json-fault.ts';
import { parseJsonBody } from './json-text.ts';

const request = makeRequest('http://example.com/');

function encode(text: string, form: string): Buffer {
  if (form === 'utf-8') return Buffer.from(text);
  if (form === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (form === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  const wide = Buffer.concat(
    Array.from(text, (character) => {
      const unit = Buffer.alloc(4);
      unit.writeUInt32LE(character.codePointAt(0)!);
      return unit;
    }),
  );
  return form === 'utf-32le' ? wide : wide.swap32();
}

function errorOf(bytes: Uint8Array | string): DecodingError {
  try {
    parseJsonBody(Buffer.from(bytes as string), null, request);
  } catch (error) {
    if (error instanceof DecodingError) return error;
  }
  throw new Error('There was no DecodingError.');
}

describe('parseJsonBody()', () => {
  it.each(['utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be'])(
    'reads %s with and without mark',
    (form) => {
      for (const value of [{ a: '\u00e9\u20ac\ud83e\udeb6' }, [1], 1, '', 'ab', null]) {
        const text = JSON.stringify(value);
        expect(parseJsonBody(encode(text, form), null, request)).toEqual(value);
        expect(parseJsonBody(encode(`\ufeff${text}`, form), null, request)).toEqual(value);
      }
    },
  );

  it('goes by the encoding it is told', () => {
    expect(parseJsonBody(Buffer.from([0x22, 0xe9, 0x22]), 'windows-1252', request)).toBe('\u00e9');
  });

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['{"a":1,}', 'a name in quotes expected at line 1, column 8'],
    ['{\n  "a": tru\n}', 'a value expected at line 2, column 8, near "{\\n  \\"a\\": tru\\n}"'],
    ['[1 2]', 'a comma or ] expected at line 1, column 4'],
    ['<html>', 'a value expected at line 1, column 1'],
    ['"\u0001"', 'an escape for a control character expected at line 1, column 2'],
  ])('says where %j is wrong', (text, reason) => {
    const error = errorOf(text);
    expect(error.message).toContain(reason);
    expect(error).toMatchObject({
      code: 'INVALID_JSON',
      phase: 'decode',
      url: 'http://example.com/',
    });
  });

  it('refuses what is not Unicode', () => {
    expect(errorOf(Buffer.from([0x22, 0xff, 0x22])).message).toContain('not UTF-8');
    expect(parseJsonBody(Buffer.from('"\ufffd"'), null, request)).toBe('\ufffd');
    expect(errorOf(Buffer.from([0, 0x31, 0])).message).toContain('ends within a character');
    expect(errorOf(Buffer.from([0x31, 0, 0, 0, 0, 0, 0x11, 0])).message).toContain('not UTF-32');
  });
});

describe('findJsonFault()', () => {
  function isJson(text: string): boolean {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  }

  it('finds none in JSON', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        expect(findJsonFault(text)).toBeNull();
      }),
    );
  });

  it('finds one exactly where the engine does', () => {
    const piece = fc.constantFrom(
      ...'{}[]:,"\\ \n-01.eE+x'.split(''),
      '"a"',
      'true',
      'null',
      '\\u00e9',
      '1e5',
      '\u0001',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        expect(findJsonFault(text) === null).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom(...'{}[]:,"\\a0'.split('')),
        (text, at, character) => {
          const cut = at % (text.length + 1);
          const broken = text.slice(0, cut) + character + text.slice(cut + 1);
          expect(findJsonFault(broken) === null).toBe(isJson(broken));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes deep and long text', () => {
    expect(findJsonFault('['.repeat(500_000))).toMatchObject({ at: 500_000 });
    expect(findJsonFault(`"${'\\n'.repeat(500_000)}`)).toMatchObject({
      expected: 'a closing quote',
    });
    expect(findJsonFault(' '.repeat(500_000))).toMatchObject({ at: 500_000 });
  });
});
