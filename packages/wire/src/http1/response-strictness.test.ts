import { recordResponses, type CodecOutcome } from '@needletail/testkit/codec-recorder';
import { feedEveryWay } from '@needletail/testkit/feeding';
import { describe, expect, it } from 'vitest';
import type { ResponseLimits } from './limits.ts';

function errorOf(message: string, limits: Partial<ResponseLimits> = {}): string {
  const bytes = Buffer.from(message, 'latin1');
  return (feedEveryWay(() => recordResponses({ limits }), bytes) as CodecOutcome).error;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

type Case = readonly [rule: string, message: string, code: string];

const FRAMING: readonly Case[] = [
  [
    'F1 both lengths',
    `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'CONFLICTING_FRAMING',
  ],
  [
    'F1 the other order',
    `${OK}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n`,
    'CONFLICTING_FRAMING',
  ],
  [
    'F2 two equal lengths',
    `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    'DUPLICATE_CONTENT_LENGTH',
  ],
  ['F2 a list of lengths', `${OK}Content-Length: 5, 5\r\n\r\nhello`, 'INVALID_CONTENT_LENGTH'],
  ['F3 plus sign', `${OK}Content-Length: +5\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['F3 minus sign', `${OK}Content-Length: -1\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['F3 hexadecimal', `${OK}Content-Length: 0x5\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['F3 underscore', `${OK}Content-Length: 5_0\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['F3 exponent', `${OK}Content-Length: 1e3\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['F3 empty', `${OK}Content-Length: \r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['F3 inner space', `${OK}Content-Length: 5 5\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['F3 16 digits', `${OK}Content-Length: 0000000000000001\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  [
    'F3 fullwidth digit in UTF-8',
    `${OK}Content-Length: \xef\xbc\x95\r\n\r\n`,
    'INVALID_CONTENT_LENGTH',
  ],
  [
    'F4 chunks in 1.0',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'TRANSFER_ENCODING_IN_1_0',
  ],
  [
    'F6 another coding first',
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    'UNSUPPORTED_TRANSFER_CODING',
  ],
  [
    'F7 chunked not final',
    `${OK}Transfer-Encoding: chunked, gzip\r\n\r\n`,
    'INVALID_TRANSFER_ENCODING',
  ],
  [
    'F7 chunked twice',
    `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`,
    'INVALID_TRANSFER_ENCODING',
  ],
  [
    'F7 two lines',
    `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'INVALID_TRANSFER_ENCODING',
  ],
  ['F7 identity', `${OK}Transfer-Encoding: identity\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['F7 empty member', `${OK}Transfer-Encoding: ,chunked\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['F7 parameter', `${OK}Transfer-Encoding: chunked;a=b\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['F7 quoted', `${OK}Transfer-Encoding: "chunked"\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['F7 xchunked', `${OK}Transfer-Encoding: xchunked\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['F8 no-break space', `${OK}Transfer-Encoding: \xa0chunked\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['F8 0xFF behind', `${OK}Transfer-Encoding: chunked\xff\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['F8 vertical tab', `${OK}Transfer-Encoding: \x0bchunked\r\n\r\n`, 'INVALID_FIELD_VALUE'],
  ['F8 next line', `${OK}Content-Length: 5\x85\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  [
    'F9 chunked 204',
    'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n',
    'BODY_NOT_ALLOWED',
  ],
  [
    'F9 204 with length',
    'HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\n',
    'BODY_NOT_ALLOWED',
  ],
  ['F9 100 with length', 'HTTP/1.1 100 Continue\r\nContent-Length: 1\r\n\r\n', 'BODY_NOT_ALLOWED'],
];

const CHUNKS: readonly Case[] = [
  ['K1 empty size', `${CHUNKED}\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K1 sign', `${CHUNKED}+1\r\nx\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K1 prefix', `${CHUNKED}0x1\r\nx\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K1 underscore', `${CHUNKED}1_0\r\nx\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K1 leading space', `${CHUNKED} 1\r\nx\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K1 trailing space', `${CHUNKED}1 \r\nx\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K1 14 digits', `${CHUNKED}00000000000001\r\nx\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K2 bare LF after size', `${CHUNKED}1\nx\r\n`, 'BARE_LF'],
  ['K2 bare CR after size', `${CHUNKED}1\rx\r\n`, 'BARE_CR'],
  ['K2 bare LF in extension', `${CHUNKED}1;a\nx\r\n`, 'BARE_LF'],
  ['K2 bare CR in extension', `${CHUNKED}1;a\rb\r\nx\r\n`, 'BARE_CR'],
  ['K2 bare LF after data', `${CHUNKED}1\r\nx\n0\r\n\r\n`, 'INVALID_CHUNK_END'],
  ['K2 bare LF at the end', `${CHUNKED}0\r\n\n`, 'BARE_LF'],
  ['K2 bare CR at the end', `${CHUNKED}0\r\n\rx`, 'BARE_CR'],
  ['K2 bare LF in trailers', `${CHUNKED}0\r\nA: b\n\r\n`, 'BARE_LF'],
  ['K3 data longer than its size', `${CHUNKED}1\r\nxy\r\n0\r\n\r\n`, 'INVALID_CHUNK_END'],
  ['K3 any two bytes', `${CHUNKED}1\r\nxAB0\r\n\r\n`, 'INVALID_CHUNK_END'],
  ['K4 empty extension', `${CHUNKED}1;\r\nx\r\n`, 'INVALID_CHUNK_EXTENSION'],
  ['K4 space before', `${CHUNKED}1 ;a\r\nx\r\n`, 'INVALID_CHUNK_SIZE'],
  ['K4 space after', `${CHUNKED}1; a\r\nx\r\n`, 'INVALID_CHUNK_EXTENSION'],
  ['K4 no value', `${CHUNKED}1;a=\r\nx\r\n`, 'INVALID_CHUNK_EXTENSION'],
  ['K4 open quote', `${CHUNKED}1;a="b\r\nx\r\n`, 'INVALID_CHUNK_EXTENSION'],
  ['K4 bytes after a quote', `${CHUNKED}1;a="b"c\r\nx\r\n`, 'INVALID_CHUNK_EXTENSION'],
  ['K7 bad trailer name', `${CHUNKED}0\r\nA b: c\r\n\r\n`, 'SPACE_BEFORE_COLON'],
];

const LINES: readonly Case[] = [
  ['L1 bare LF ends the status line', 'HTTP/1.1 200 OK\nA: b\r\n\r\n', 'BARE_LF'],
  ['L1 bare LF without a reason', 'HTTP/1.1 200\n\r\n', 'BARE_LF'],
  ['L1 bare LF ends a field', `${OK}A: b\nC: d\r\n\r\n`, 'BARE_LF'],
  ['L1 bare LF ends the head', `${OK}A: b\r\n\n`, 'BARE_LF'],
  ['L2 bare CR in the reason', 'HTTP/1.1 200 O\rK\r\n\r\n', 'BARE_CR'],
  ['L2 bare CR in a value', `${OK}A: b\rc\r\n\r\n`, 'BARE_CR'],
  ['L2 CR LF CR X', `${OK}A: b\r\n\rX: y\r\n\r\n`, 'BARE_CR'],
  ['L2 two CR', `${OK}A: b\r\r\n\r\n`, 'BARE_CR'],
  ['L3 NUL in a value', `${OK}A: b\x00c\r\n\r\n`, 'INVALID_FIELD_VALUE'],
  ['L3 escape in a value', `${OK}A: \x1b[0m\r\n\r\n`, 'INVALID_FIELD_VALUE'],
  ['L3 DEL in a value', `${OK}A: \x7f\r\n\r\n`, 'INVALID_FIELD_VALUE'],
  ['L3 control in the reason', 'HTTP/1.1 200 \x07\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['L4 empty name', `${OK}: b\r\n\r\n`, 'INVALID_FIELD_NAME'],
  ['L4 no colon', `${OK}A\r\n\r\n`, 'INVALID_FIELD_NAME'],
  ['L4 byte past ASCII', `${OK}\xe9: b\r\n\r\n`, 'INVALID_FIELD_NAME'],
  ['L5 space before the colon', `${OK}Content-Length : 5\r\n\r\nhello`, 'SPACE_BEFORE_COLON'],
  ['L6 folded line', `${OK}A: b\r\n c\r\n\r\n`, 'OBSOLETE_FOLDING'],
  ['L6 space before the first field', `${OK} A: b\r\n\r\n`, 'OBSOLETE_FOLDING'],
  ['L11 lower case', 'http/1.1 200 OK\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['L11 other major version', 'HTTP/2.0 200 OK\r\n\r\n', 'UNSUPPORTED_VERSION'],
  ['L11 other minor version', 'HTTP/1.2 200 OK\r\n\r\n', 'UNSUPPORTED_VERSION'],
  ['L12 TLS record', '\x16\x03\x01\x02', 'INVALID_STATUS_LINE'],
  ['L12 SSH banner', 'SSH-2.0-OpenSSH\r\n', 'INVALID_STATUS_LINE'],
  ['L13 leading empty line', `\r\n${OK}\r\n`, 'INVALID_STATUS_LINE'],
  ['L14 status 099', 'HTTP/1.1 099 Low\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['L14 status 600', 'HTTP/1.1 600 High\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['L14 two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['L14 four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['L14 two spaces', 'HTTP/1.1  200 OK\r\n\r\n', 'INVALID_STATUS_LINE'],
];

describe('ResponseDecoder.feed refuses, however the bytes are cut', () => {
  it.each([...FRAMING, ...CHUNKS, ...LINES])('%s', (_rule, message, code) => {
    expect(errorOf(message).split('@')[0]).toBe(code);
  });

  it('L12: at the first impossible byte, without waiting for more', () => {
    expect(errorOf('\x16')).toBe('INVALID_STATUS_LINE@0 status 0');
    expect(errorOf('HTTQ')).toBe('INVALID_STATUS_LINE@3 status 0');
  });
});

describe('ResponseDecoder.feed accepts', () => {
  it.each([
    ['F8 spaces and tabs around a value', `${OK}Content-Length: \t 0 \t\r\n\r\n`],
    ['F7 chunked in other letter case', `${OK}transfer-ENCODING:CHUNKED\r\n\r\n0\r\n\r\n`],
    ['F9 204 with length 0', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
    ['L3 tabs and latin1 in values', `${OK}A: \t\xe9\xff\r\nContent-Length: 0\r\n\r\n`],
    ['L14 no reason and no space', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n'],
    ['L14 empty reason', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n'],
    [
      'L18 an underscore is another name',
      `${OK}Content_Length: x\r\nTransfer_Encoding: y\r\nContent-Length: 0\r\n\r\n`,
    ],
    [
      'L17 names of Object.prototype',
      `${OK}__proto__: a\r\nconstructor: b\r\nContent-Length: 0\r\n\r\n`,
    ],
  ])('%s', (_rule, message) => {
    expect(errorOf(message)).toBe('');
  });
});

describe('ResponseDecoder limits, checked while bytes arrive', () => {
  const fill = (length: number): string => 'x'.repeat(length);

  it.each([
    [
      'L15 start line',
      `HTTP/1.1 200 ${fill(8)}\r\n\r\n`,
      { startLineBytes: 20 },
      'startLineBytes 21/20',
    ],
    [
      'L15 field line',
      `${OK}A: ${fill(18)}\r\n\r\n`,
      { fieldLineBytes: 20 },
      'fieldLineBytes 21/20',
    ],
    ['L15 field name', `${OK}${fill(21)}`, { fieldLineBytes: 20 }, 'fieldLineBytes 21/20'],
    ['L15 fields', `${OK}A: b\r\nA: b\r\nA: b\r\n\r\n`, { fields: 2 }, 'fields 3/2'],
    ['L15 head', `${OK}A: ${fill(40)}`, { headBytes: 40 }, 'headBytes 41/40'],
    ['body by length', `${OK}Content-Length: 11\r\n\r\n`, { bodyBytes: 10 }, 'bodyBytes 11/10'],
    [
      'body by chunks',
      `${CHUNKED}6\r\n123456\r\n5\r\n12345\r\n`,
      { bodyBytes: 10 },
      'bodyBytes 11/10',
    ],
    ['body until close', `${OK}\r\n${fill(30)}`, { bodyBytes: 10 }, 'bodyBytes 11/10'],
    [
      'K5 extension line',
      `${CHUNKED}1;${fill(20)}\r\n`,
      { chunkLineBytes: 20 },
      'chunkLineBytes 21/20',
    ],
    [
      'K5 extensions',
      `${CHUNKED}${'1;abc\r\nx\r\n'.repeat(9)}`,
      { chunkExtensionBytes: 20 },
      'chunkExtensionBytes 21/20',
    ],
    ['K7 trailers', `${CHUNKED}0\r\nA: ${fill(40)}`, { trailerBytes: 40 }, 'trailerBytes 41/40'],
    [
      'K7 trailer fields',
      `${CHUNKED}0\r\nA: b\r\nA: b\r\nA: b\r\n\r\n`,
      { trailerFields: 2 },
      'trailerFields 3/2',
    ],
  ])('%s', (_name, message, limits, expected) => {
    expect(errorOf(message, limits)).toContain(`LIMIT_EXCEEDED@`);
    expect(errorOf(message, limits)).toContain(expected);
  });

  it('passes what just fits', () => {
    const head = `${OK}A: ${fill(17)}\r\nContent-Length: 10\r\n\r\n`;
    const limits = {
      fieldLineBytes: 20,
      headBytes: head.length,
      fields: 2,
      startLineBytes: 15,
      bodyBytes: 10,
    };
    expect(errorOf(`${head}${fill(10)}`, limits)).toBe('');
    expect(errorOf(`${head}${fill(10)}`, { ...limits, headBytes: head.length - 1 })).toContain(
      'headBytes',
    );
    expect(errorOf(`${head}${fill(10)}`, { ...limits, startLineBytes: 14 })).toContain(
      'startLineBytes',
    );
    expect(errorOf(`${head}${fill(10)}`, { ...limits, fieldLineBytes: 19 })).toContain(
      'fieldLineBytes',
    );
  });
});
