import { describe, expect, it } from 'vitest';
import { BodyLength } from './body-length.ts';
import { encodeChunk, encodeLastChunk, LAST_CHUNK } from './chunk-encoder.ts';
import { EncodeError } from './errors.ts';
import type { FieldInput } from './field-encoder.ts';
import { HttpDate } from './http-date.ts';
import { encodeRequestHead, type RequestHeadInput } from './request-encoder.ts';
import { encodeResponseHead, type ResponseHeadInput } from './response-encoder.ts';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof EncodeError) return error.code;
    throw error;
  }
  return 'sent';
}

function request(input: Partial<RequestHeadInput>): string {
  return encodeRequestHead({ method: 'GET', target: '/', host: 'a', ...input });
}

function response(input: Partial<ResponseHeadInput>): string {
  return encodeResponseHead({ status: 200, contentLength: 0, ...input });
}

describe('encodeRequestHead', () => {
  it('writes Host first, then connection, fields as given, and framing', () => {
    const head = request({
      method: 'POST',
      target: '/a?b',
      host: 'example.org:8080',
      headers: [
        ['Accept', '  */* '],
        ['X-Count', 3],
        ['X-Many', ['1', '2']],
      ],
      contentLength: 5,
      connection: 'keep-alive',
      expectContinue: true,
    });
    expect(head).toBe(
      'POST /a?b HTTP/1.1\r\nHost: example.org:8080\r\nConnection: keep-alive\r\nAccept: */*\r\n' +
        'X-Count: 3\r\nX-Many: 1\r\nX-Many: 2\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
    );
  });

  it('writes an upgrade with its Connection option', () => {
    expect(request({ upgrade: 'websocket' })).toContain(
      'Connection: upgrade\r\nUpgrade: websocket\r\n',
    );
    expect(codeOf(() => request({ upgrade: 'h2c/1/2' }))).toBe('INVALID_VALUE');
    expect(codeOf(() => request({ upgrade: 'x\r\ny' }))).toBe('INVALID_VALUE');
    expect(codeOf(() => request({ upgrade: 'x', connection: 'close' }))).toBe('INVALID_FRAMING');
    expect(codeOf(() => request({ upgrade: 'x', contentLength: 3 }))).toBe('INVALID_FRAMING');
  });

  it.each(['a\r\nX: y', 'a\nb', 'a\rb', 'a\0b', '\u010d\u010aX: y', 'snow \u2603', 'a\x7f'])(
    'refuses the value %j, whatever it is the value of',
    (value) => {
      expect(codeOf(() => request({ headers: [['X', value]] }))).toBe('INVALID_VALUE');
      expect(codeOf(() => request({ headers: [['X', ['fine', value]]] }))).toBe('INVALID_VALUE');
      expect(codeOf(() => request({ host: value }))).toBe('INVALID_VALUE');
      expect(codeOf(() => request({ target: `/${value}` }))).toBe('INVALID_TARGET');
      expect(codeOf(() => request({ method: value }))).toBe('INVALID_METHOD');
      expect(codeOf(() => request({ headers: [[value, 'x']] }))).toBe('INVALID_NAME');
      expect(codeOf(() => response({ reason: value }))).toBe('INVALID_VALUE');
      expect(codeOf(() => response({ date: value }))).toBe('INVALID_VALUE');
      expect(codeOf(() => encodeLastChunk([['X', value]]))).toBe('INVALID_VALUE');
    },
  );

  it.each([
    undefined,
    null,
    Symbol('x'),
    {},
    () => 'x',
    ['a', 1],
    [['a']],
    { toString: () => 'a\r\nb' },
  ])('refuses a value that is neither text nor a number (case %#)', (value) => {
    const headers = [['X', value]] as unknown as FieldInput;
    expect(codeOf(() => request({ headers }))).toBe('INVALID_VALUE');
  });

  it('reads a value once, so that it cannot change after the check', () => {
    let reads = 0;
    const pair = ['X', ''] as [string, string];
    Object.defineProperty(pair, 1, {
      get: () => {
        reads += 1;
        return reads === 1 ? 'fine' : 'a\r\nb';
      },
    });
    expect(request({ headers: [pair] })).toContain('X: fine\r\n');
    expect(reads).toBe(1);
  });

  it.each([
    'Content-Length',
    'transfer-encoding',
    'CONNECTION',
    'Host',
    'Upgrade',
    'Keep-Alive',
    'Expect',
  ])('refuses %s among the fields: it has an option', (name) => {
    expect(codeOf(() => request({ headers: [[name, '1']] }))).toBe('RESERVED_FIELD');
  });

  it('L9: refuses a target of the wrong form', () => {
    expect(codeOf(() => request({ target: '*' }))).toBe('INVALID_TARGET');
    expect(codeOf(() => request({ target: 'ftp://a/' }))).toBe('INVALID_TARGET');
    expect(codeOf(() => request({ target: '/a b' }))).toBe('INVALID_TARGET');
    expect(codeOf(() => request({ target: '/a#b' }))).toBe('INVALID_TARGET');
    expect(codeOf(() => request({ target: '' }))).toBe('INVALID_TARGET');
    expect(codeOf(() => request({ method: 'OPTIONS', target: '*' }))).toBe('sent');
    expect(codeOf(() => request({ method: 'CONNECT', target: 'a:443' }))).toBe('sent');
    expect(codeOf(() => request({ method: 'CONNECT', target: '/' }))).toBe('INVALID_TARGET');
  });

  it('F16: never writes two framings or a length that is no length', () => {
    expect(codeOf(() => request({ contentLength: 1, chunked: true }))).toBe('INVALID_FRAMING');
    for (const contentLength of [-1, 1.5, Number.NaN, Infinity, 1e15]) {
      expect(codeOf(() => request({ contentLength }))).toBe('INVALID_LENGTH');
    }
    expect(codeOf(() => request({ expectContinue: true }))).toBe('INVALID_FRAMING');
  });
});

describe('encodeResponseHead', () => {
  it('writes a status line with the registered phrase, or the given one, or none', () => {
    expect(response({ status: 404 })).toBe('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    expect(response({ reason: 'Fine' })).toMatch(/^HTTP\/1\.1 200 Fine\r\n/);
    expect(response({ status: 299 })).toMatch(/^HTTP\/1\.1 299 \r\n/);
    expect(codeOf(() => response({ status: 600 }))).toBe('INVALID_STATUS');
    expect(codeOf(() => response({ status: 200.5 }))).toBe('INVALID_STATUS');
  });

  const HEAD = { method: 'HEAD', minorVersion: 1 } as const;
  const OLD = { method: 'GET', minorVersion: 0 } as const;
  const CONNECT = { method: 'CONNECT', minorVersion: 1 } as const;

  it.each<readonly [string, ResponseHeadInput, string]>([
    ['F9 204 with a length', { status: 204, contentLength: 0 }, 'INVALID_FRAMING'],
    ['F9 204 without', { status: 204 }, 'sent'],
    ['F9 101 with chunks', { status: 101, chunked: true }, 'INVALID_FRAMING'],
    [
      'F9 tunnel with a length',
      { status: 200, contentLength: 1, request: CONNECT },
      'INVALID_FRAMING',
    ],
    [
      'F9 refused tunnel with a length',
      { status: 403, contentLength: 1, request: CONNECT },
      'sent',
    ],
    ['F10 304 with the length it stands for', { status: 304, contentLength: 99 }, 'sent'],
    ['F10 HEAD with a length', { status: 200, contentLength: 99, request: HEAD }, 'sent'],
    ['F10 HEAD without', { status: 200, request: HEAD }, 'sent'],
    ['F10 205 with content', { status: 205, contentLength: 1 }, 'INVALID_FRAMING'],
    ['F10 205 empty', { status: 205, contentLength: 0 }, 'sent'],
    ['F11 no framing on a kept connection', { status: 200 }, 'INVALID_FRAMING'],
    ['F11 no framing and close', { status: 200, connection: 'close' }, 'sent'],
    ['F16 chunks for HTTP/1.0', { status: 200, chunked: true, request: OLD }, 'INVALID_FRAMING'],
    ['P9 interim for HTTP/1.0', { status: 103, request: OLD }, 'INVALID_FRAMING'],
    ['P10 upgrade with 200', { status: 200, contentLength: 0, upgrade: 'x' }, 'INVALID_FRAMING'],
    ['P10 upgrade with 101', { status: 101, upgrade: 'websocket' }, 'sent'],
  ])('%s', (_name, input, code) => {
    expect(codeOf(() => encodeResponseHead(input))).toBe(code);
  });
});

describe('encodeChunk', () => {
  it('K8: gives nothing for no data, which would end the body', () => {
    expect(encodeChunk(new Uint8Array(0))).toEqual([]);
    expect(encodeChunk(new Uint8Array(26))[0]).toBe('1a\r\n');
    expect(encodeLastChunk([])).toBe(LAST_CHUNK);
  });

  it.each(['Content-Length', 'Host', 'Set-Cookie', 'Content-Type', 'Authorization', 'Trailer'])(
    'K7: refuses the trailer %s',
    (name) => {
      expect(codeOf(() => encodeLastChunk([[name, 'x']]))).toBe('RESERVED_FIELD');
    },
  );
});

describe('BodyLength', () => {
  it('F16: refuses a byte too many before it is written, and one too few at the end', () => {
    const body = new BodyLength(3);
    body.add(2);
    expect(codeOf(() => body.end())).toBe('LENGTH_MISMATCH');
    body.add(1);
    body.end();
    expect(codeOf(() => body.add(1))).toBe('LENGTH_MISMATCH');
  });
});

describe('HttpDate', () => {
  it('gives the form of RFC 9110 and keeps it for a second', () => {
    const date = new HttpDate();
    expect(date.at(784_111_777_000)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    expect(date.at(784_111_777_999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    expect(date.at(784_111_778_000)).toBe('Sun, 06 Nov 1994 08:49:38 GMT');
  });
});
