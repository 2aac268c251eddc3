// Servers that break the rules, the connection, or the reader.
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { selfSignedCertificate } from '@needletail/testkit/certificate';
import {
  AuthError,
  DecodingError,
  ReadError,
  RedirectError,
  RemoteProtocolError,
} from '../errors.ts';
import { digest } from '../auth/digest.ts';
import { ZSTD_TEXT } from '../body/zstd-samples.fixture.ts';
import { answer, say, sayAndEnd, type Serve } from './bad-server.fixture.ts';
import type { BadCase, ExpectedError, Style } from './bad-case.fixture.ts';

const EVERY: readonly Style[] = ['request', 'stream', 'gather', 'raw'];
const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

function protocol(code: string, phase: 'head' | 'body' = 'head'): ExpectedError {
  return { type: RemoteProtocolError, code, phase, hasCause: true };
}

const HEADS: readonly (readonly [name: string, bytes: string, code: string])[] = [
  ['that are TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['that are HTML', '<html>hello</html>\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['of HTTP/0.9', 'HTTP/0.9 200 OK\r\n\r\n', 'UNSUPPORTED_VERSION'],
  ['of HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n', 'UNSUPPORTED_VERSION'],
  ['with a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['with a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'INVALID_STATUS_LINE'],
  ['with bare line feeds', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', 'BARE_LF'],
  ['with a bare CR', `${OK}A: b\rc\r\n\r\n`, 'BARE_CR'],
  ['with NUL in a value', `${OK}A: b\0c\r\n\r\n`, 'INVALID_FIELD_VALUE'],
  ['with a folded line', `${OK}A: b\r\n c\r\n\r\n`, 'OBSOLETE_FOLDING'],
  ['with a space before the colon', `${OK}A : b\r\n\r\n`, 'SPACE_BEFORE_COLON'],
  ['with an empty name', `${OK}: b\r\n\r\n`, 'INVALID_FIELD_NAME'],
  ['with a length of letters', `${OK}Content-Length: many\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['with a negative length', `${OK}Content-Length: -1\r\n\r\n`, 'INVALID_CONTENT_LENGTH'],
  ['with a length with a sign', `${OK}Content-Length: +1\r\n\r\nx`, 'INVALID_CONTENT_LENGTH'],
  [
    'with a length of 30 digits',
    `${OK}Content-Length: ${'9'.repeat(30)}\r\n\r\n`,
    'INVALID_CONTENT_LENGTH',
  ],
  ['with another coding', `${OK}Transfer-Encoding: gzip\r\n\r\n`, 'INVALID_TRANSFER_ENCODING'],
  ['that switch protocols unasked', 'HTTP/1.1 101 Switch\r\n\r\n', 'UNEXPECTED_SWITCH'],
  ['with endless interim answers', 'HTTP/1.1 103 Hints\r\n\r\n'.repeat(1000), 'LIMIT_EXCEEDED'],
  ['with too many fields', `${OK}${'A: b\r\n'.repeat(1000)}\r\n`, 'LIMIT_EXCEEDED'],
  ['with a field too long', `${OK}A: ${'b'.repeat(10_000)}\r\n\r\n`, 'LIMIT_EXCEEDED'],
];

const CHUNKS: readonly (readonly [name: string, chunks: string, code: string])[] = [
  ['of a size that is none', 'xyz\r\nhello\r\n', 'INVALID_CHUNK_SIZE'],
  ['of a negative size', '-5\r\nhello\r\n', 'INVALID_CHUNK_SIZE'],
  ['of a size past counting', `${'f'.repeat(20)}\r\nhello\r\n`, 'INVALID_CHUNK_SIZE'],
  ['longer than they say', '5\r\nhello!\r\n0\r\n\r\n', 'INVALID_CHUNK_END'],
  ['with bare line feeds', '5\nhello\n0\n\n', 'BARE_LF'],
  ['with a line too long', `5;a=${'b'.repeat(1000)}\r\nhello\r\n0\r\n\r\n`, 'LIMIT_EXCEEDED'],
  ['with a length among the trailers', '0\r\nContent-Length: 5\r\n\r\n', 'FORBIDDEN_TRAILER'],
  ['with endless trailers', `0\r\n${'A: b\r\n'.repeat(5000)}\r\n`, 'LIMIT_EXCEEDED'],
];

const BROKEN_RULES: readonly BadCase[] = [
  ...HEADS.map(([name, bytes, code]) => ({
    name: `answers ${name}`,
    server: { serve: say(bytes) },
    styles: EVERY,
    error: protocol(code),
  })),
  ...CHUNKS.map(([name, chunks, code]) => ({
    name: `chunks ${name}`,
    server: { serve: say(`${CHUNKED}${chunks}`) },
    styles: EVERY,
    error: protocol(code, 'body'),
  })),
  ...[
    ['garbage', 'INVALID_STATUS_LINE'],
    ['duplicate-cl', 'DUPLICATE_CONTENT_LENGTH'],
    ['te-and-cl', 'CONFLICTING_FRAMING'],
    ['endless-headers', 'LIMIT_EXCEEDED'],
  ].map(([faulty, code]) => ({
    name: `the faulty server's ${faulty}`,
    faulty: faulty!,
    styles: EVERY,
    error: protocol(code!),
  })),
];

function lost(code: string, phase: 'head' | 'body', hasCause: boolean): ExpectedError {
  return { type: ReadError, code, phase, hasCause };
}

/** Resets the connection once these bytes have left. */
function sayAndReset(bytes: string): Serve {
  return ({ socket }) =>
    void socket.write(bytes, 'latin1', () => setTimeout(() => socket.resetAndDestroy(), 10));
}

const BROKEN_CONNECTIONS: readonly BadCase[] = (
  [
    ['end without an answer', sayAndEnd(''), lost('CLOSED_EARLY', 'head', false)],
    ['end in the head', sayAndEnd(`${OK}Content-Le`), lost('CLOSED_EARLY', 'head', true)],
    [
      'end in the body',
      sayAndEnd(`${OK}Content-Length: 100\r\n\r\nshort`),
      lost('CLOSED_EARLY', 'body', true),
    ],
    ['end in a chunk', sayAndEnd(`${CHUNKED}ff\r\nhell`), lost('CLOSED_EARLY', 'body', true)],
    [
      'end before the last chunk',
      sayAndEnd(`${CHUNKED}5\r\nhello\r\n`),
      lost('CLOSED_EARLY', 'body', true),
    ],
    ['reset without an answer', sayAndReset(''), lost('RESET', 'head', true)],
    ['reset in the head', sayAndReset(`${OK}Content-Le`), lost('RESET', 'head', true)],
    [
      'reset in the body',
      sayAndReset(`${OK}Content-Length: 100\r\n\r\nshort`),
      lost('RESET', 'body', true),
    ],
    [
      'end after interim answers',
      sayAndEnd('HTTP/1.1 103 Early Hints\r\n\r\n'),
      lost('CLOSED_EARLY', 'head', true),
    ],
  ] as const
).map(([name, serve, error]) => ({
  name: `connections that ${name}`,
  server: { serve },
  styles: EVERY,
  error,
}));

const tooLarge: ExpectedError = { type: DecodingError, code: 'BODY_TOO_LARGE', phase: 'decode' };
const decoding: ExpectedError = {
  type: DecodingError,
  code: 'DECODING_FAILED',
  phase: 'decode',
  hasCause: true,
};

/** A MiB of zeros in a KiB, so many times over: members of one gzip file (RFC 1952 §2.2). */
const MEMBER = gzipSync(Buffer.alloc(1024 * 1024));
const BOMB = gzipSync(Buffer.concat(Array.from({ length: 512 }, () => MEMBER)));
const GZIPPED = gzipSync('hello, world');
const LONG_TEXT = 'hello, world; '.repeat(1000);
const CUT: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(LONG_TEXT).subarray(0, -20),
  deflate: deflateSync(LONG_TEXT).subarray(0, -20),
  br: brotliCompressSync(LONG_TEXT).subarray(0, -5),
  zstd: ZSTD_TEXT.subarray(0, 200),
};

const BODIES: readonly BadCase[] = [
  {
    name: 'a body larger than it may be, by its length',
    client: { maxBodyBytes: 10 },
    server: { serve: answer('200 OK', '', 'x'.repeat(11)) },
    styles: ['request', 'gather', 'raw'],
    error: tooLarge,
  },
  {
    name: 'a body larger than it may be, in chunks',
    client: { maxBodyBytes: 10 },
    server: { serve: say(`${CHUNKED}b\r\n${'x'.repeat(11)}\r\n0\r\n\r\n`) },
    styles: ['request', 'gather', 'raw'],
    error: tooLarge,
  },
  {
    name: 'a streamed body larger than it may be',
    options: { maxBodyBytes: 10 },
    server: { serve: say(`${CHUNKED}b\r\n${'x'.repeat(11)}\r\n0\r\n\r\n`) },
    styles: ['stream'],
    error: tooLarge,
  },
  {
    name: 'a body that becomes larger than it may be',
    client: { maxBodyBytes: 1000 },
    server: { serve: answer('200 OK', 'Content-Encoding: gzip\r\n', gzipSync('x'.repeat(1001))) },
    styles: ['request', 'gather'],
    keepsConnection: true,
    error: { ...tooLarge, code: 'DECODED_TOO_LARGE' },
  },
  {
    name: 'half a GiB of zeros, gzipped twice',
    server: { serve: answer('200 OK', 'Content-Encoding: gzip, gzip\r\n', BOMB) },
    keepsConnection: true,
    error: { ...tooLarge, code: 'DECODED_TOO_LARGE' },
  },
  {
    name: 'gzip data that is none',
    server: { serve: answer('200 OK', 'Content-Encoding: gzip\r\n', 'hello, world') },
    keepsConnection: true,
    error: decoding,
  },
  {
    name: 'gzip data with a wrong sum',
    server: {
      serve: answer(
        '200 OK',
        'Content-Encoding: gzip\r\n',
        Buffer.from(GZIPPED).fill(0x55, GZIPPED.length - 8),
      ),
    },
    keepsConnection: true,
    error: decoding,
  },
  ...Object.entries(CUT).map(([coding, data]) => ({
    name: `${coding} data that ends too early`,
    server: {
      serve: answer('200 OK', `Content-Encoding: ${coding}\r\n`, data),
    },
    keepsConnection: true,
    error: decoding,
  })),
  {
    name: 'a body encoded six times',
    server: {
      serve: answer('200 OK', 'Content-Encoding: gzip,gzip,gzip,gzip,gzip,gzip\r\n', GZIPPED),
    },
    keepsConnection: true,
    error: { ...decoding, hasCause: false },
  },
];

const CERTIFICATE = selfSignedCertificate();

function redirect(location: string): Serve {
  return answer('302 Found', `Location: ${location}\r\n`);
}

const badRedirect: ExpectedError = {
  type: RemoteProtocolError,
  code: 'INVALID_REDIRECT',
  phase: 'redirect',
  hasCause: true,
};

async function* once(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('once only');
}

const notReplayable: ExpectedError = {
  type: RedirectError,
  code: 'BODY_NOT_REPLAYABLE',
  phase: 'redirect',
};

const REDIRECTING: readonly BadCase[] = [
  {
    name: 'a redirect to itself',
    server: { serve: redirect('/bad') },
    error: { type: RedirectError, code: 'TOO_MANY_REDIRECTS', phase: 'redirect', says: /20 were/ },
  },
  {
    name: 'redirects in a circle, three at most',
    client: { maxRedirects: 3 },
    server: {
      serve: ({ socket, head, connection }) => {
        const to = head.includes('/bad') ? '/worse' : '/bad';
        redirect(to)({ socket, head, connection });
      },
    },
    error: { type: RedirectError, code: 'TOO_MANY_REDIRECTS', phase: 'redirect', says: /3 were/ },
  },
  ...[
    'http://bad host/',
    'http://127.0.0.1:99999/',
    'ftp://user:s3cret-pw@127.0.0.1/',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://user:s3cret-pw@ho st/',
  ].map((location) => ({
    name: `a redirect to ${location}`,
    server: { serve: redirect(location) },
    error: badRedirect,
  })),
  {
    name: 'a redirect to two places',
    server: { serve: answer('302 Found', 'Location: /a\r\nLocation: /b\r\n') },
    error: { ...badRedirect, hasCause: false },
  },
  {
    name: 'a redirect from https to http',
    server: { serve: redirect('http://user:s3cret-pw@127.0.0.1/'), tls: CERTIFICATE },
    client: { tls: { ca: CERTIFICATE.cert } },
    error: { type: RedirectError, code: 'INSECURE_REDIRECT', phase: 'redirect' },
  },
  {
    name: 'a redirect that needs a body again',
    method: 'POST',
    options: () => ({ body: once() }),
    server: { serve: answer('307 Temporary Redirect', 'Location: /ok\r\n') },
    error: notReplayable,
  },
  {
    name: 'a digest challenge that needs a body again',
    method: 'POST',
    options: () => ({ body: once(), auth: digest('user', 's3cret-pw') }),
    server: {
      serve: answer('401 Unauthorized', 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'),
    },
    error: { type: AuthError, code: 'AUTH_CHALLENGE', phase: 'auth' },
  },
];

const REDIRECTS = REDIRECTING.map((one) => ({ keepsConnection: true, ...one }));

export const BAD_ANSWERS: readonly BadCase[] = [
  ...BROKEN_RULES,
  ...BROKEN_CONNECTIONS,
  ...BODIES,
  ...REDIRECTS,
];
