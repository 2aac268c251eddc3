import { describe, expect, it } from 'vitest';
import { makeFields } from '../send/exchange.fixture.ts';
import { chosenEncoding, decodeText, encodingNamed, encodingOf, TextStream } from './charset.ts';

const NO_FIELDS = makeFields();

function typed(type: string): string {
  return encodingOf(Buffer.from('abc'), makeFields(`Content-Type: ${type}`));
}

describe('encodingOf()', () => {
  it.each([
    ['text/plain', 'utf-8'],
    ['text/plain; charset=ISO-8859-1', 'windows-1252'],
    ['text/plain; charset="Shift_JIS"; a=b', 'shift_jis'],
    ['text/plain;a=b; CHARSET = utf-16', 'utf-16le'],
    ['text/plain; charset=klingon', 'utf-8'],
    ['text/plain; charset=', 'utf-8'],
  ])('is for %j %s', (type, encoding) => {
    expect(typed(type)).toBe(encoding);
  });

  it('is what the byte order mark says before all', () => {
    const fields = makeFields('Content-Type: text/plain; charset=latin1');
    expect(encodingOf(Buffer.from([0xef, 0xbb, 0xbf]), fields)).toBe('utf-8');
    expect(encodingOf(Buffer.from([0xff, 0xfe]), fields)).toBe('utf-16le');
    expect(encodingOf(Buffer.from([0xfe, 0xff]), fields)).toBe('utf-16be');
    expect(encodingOf(Buffer.from([]), NO_FIELDS)).toBe('utf-8');
  });

  it('reads a long Content-Type in linear time', () => {
    const startedAt = performance.now();
    for (const piece of [';', '; ', ';charset', ';\t\tcharset  ']) typed(piece.repeat(50_000));
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe('encodingNamed()', () => {
  it('knows the labels of the Encoding Standard', () => {
    expect(encodingNamed(' Latin1 ')).toBe('windows-1252');
    expect(encodingNamed('gb2312')).toBe('gbk');
    expect(encodingNamed('klingon')).toBeNull();
    expect(() => chosenEncoding('klingon')).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

const CASES: readonly [string, Buffer, string][] = [
  ['utf-8', Buffer.from('\ufeffh\u00e9 \u20ac \ud83e\udeb6'), 'h\u00e9 \u20ac \ud83e\udeb6'],
  ['utf-8', Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82]), 'a\ufffdb\ufffd'],
  ['utf-16le', Buffer.from('\ufeffh\u00e9\ud83e\udeb6', 'utf16le'), 'h\u00e9\ud83e\udeb6'],
  ['utf-16be', Buffer.from('h\u00e9', 'utf16le').swap16(), 'h\u00e9'],
  [
    'windows-1252',
    Buffer.from([0x80, 0x81, 0x93, 0x9f, 0xe9, 0x41]),
    '\u20ac\x81\u201c\u0178\u00e9A',
  ],
  ['shift_jis', Buffer.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]), '\u30c6\u30b9\u30c8'],
];

describe('decodeText()', () => {
  it.each(CASES)('decodes %s', (encoding, bytes, text) => {
    expect(decodeText(bytes, encoding)).toBe(text);
  });

  it('decodes every byte of windows-1252 as the Encoding Standard has it', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const text = decodeText(bytes, 'windows-1252');
    expect(text).toHaveLength(256);
    expect(text.slice(0x80, 0xa0)).toBe(
      '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178',
    );
    expect(text.slice(0xa0)).toBe(bytes.toString('latin1', 0xa0));
  });
});

describe('TextStream', () => {
  it.each(CASES)('decodes %s cut at every byte', (encoding, bytes, text) => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const decoder = new TextStream(encoding, NO_FIELDS);
      const decoded =
        decoder.push(bytes.subarray(0, cut)) + decoder.push(bytes.subarray(cut)) + decoder.end();
      expect(decoded).toBe(text);
    }
    const slow = new TextStream(encoding, NO_FIELDS);
    const pieces = [...bytes].map((byte) => slow.push(Buffer.from([byte])));
    expect(pieces.join('') + slow.end()).toBe(text);
  });

  it('goes by a byte order mark that comes byte by byte', () => {
    const decoder = new TextStream(null, makeFields('Content-Type: a/b; charset=latin1'));
    const bytes = Buffer.from('\ufeff\u00e9', 'utf16le');
    expect(
      [...bytes].map((byte) => decoder.push(Buffer.from([byte]))).join('') + decoder.end(),
    ).toBe('\u00e9');
    const short = new TextStream(null, NO_FIELDS);
    expect(short.push(Buffer.from('a')) + short.end()).toBe('a');
  });
});
