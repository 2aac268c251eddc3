import { describe, expect, it } from 'vitest';
import {
  HEX_VALUES,
  QUOTED_TEXT_BYTES,
  REG_NAME_BYTES,
  TARGET_BYTES,
  TOKEN_BYTES,
  VALUE_BYTES,
} from './byte-classes.ts';
import { dropWhitespace, skipValue, skipWhitespace } from './skip.ts';
import { spells, wordBytes } from './spelling.ts';

/** Members of a table as latin1 text. */
function members(table: Uint8Array): string {
  return [...table.keys()]
    .filter((byte) => table[byte] === 1)
    .map((byte) => String.fromCharCode(byte))
    .join('');
}

describe('byte classes', () => {
  it('hold the characters of their grammar', () => {
    expect(members(TOKEN_BYTES)).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{77}$/);
    expect(members(VALUE_BYTES)).toMatch(/^[\t\x20-\x7e\x80-\xff]{224}$/);
    expect(members(QUOTED_TEXT_BYTES)).toMatch(/^[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]{222}$/);
    expect(members(TARGET_BYTES)).toMatch(/^[\x21\x22\x24-\x7e]{93}$/);
    expect(members(REG_NAME_BYTES)).toMatch(/^[\w\-.~%!$&'()*+;=]+$/);
    expect([...HEX_VALUES].filter((value) => value < 16)).toHaveLength(22);
  });
});

describe('skipValue', () => {
  it('agrees with the table for every byte', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      expect(skipValue(Buffer.of(byte), 0, 1), `byte ${byte}`).toBe(VALUE_BYTES[byte]);
    }
  });
});

describe('skipWhitespace and dropWhitespace', () => {
  it('count spaces and tabs only', () => {
    const text = Buffer.from(' \t\xa0x\x0b\t ', 'latin1');
    expect(skipWhitespace(text, 0, text.length)).toBe(2);
    expect(dropWhitespace(text, 0, text.length)).toBe(5);
    expect(dropWhitespace(Buffer.from('  '), 0, 2)).toBe(0);
  });
});

describe('spells', () => {
  it('folds letter case and nothing else among the bytes of a token', () => {
    const word = wordBytes('a-z1');
    expect(spells(Buffer.from('xA-Z1'), 1, 5, word)).toBe(true);
    for (const text of ['a_z1', 'a-z', 'a-z11', 'b-z1']) {
      expect(spells(Buffer.from(text), 0, text.length, word)).toBe(false);
    }
  });
});
