import {
  recordRequests,
  type CodecOutcome,
  type RequestRecorderOptions,
} from '@needletail/testkit/codec-recorder';
import { feedEveryWay } from '@needletail/testkit/feeding';
import { describe, expect, it } from 'vitest';
import { RequestDecoder } from './request-decoder.ts';

function decode(message: string, options: RequestRecorderOptions = {}): CodecOutcome {
  return feedEveryWay(
    () => recordRequests(options),
    Buffer.from(message, 'latin1'),
  ) as CodecOutcome;
}

/** Method and target of each request and joined bodies, then the error if there is one. */
function summary(message: string, options: RequestRecorderOptions = {}): string[] {
  const { events, error } = decode(message, options);
  const found: string[] = [];
  for (const event of events) {
    if (event.startsWith('head ')) found.push(event.split(' ').slice(1, 3).join(' '));
    else if (event.startsWith('body ')) found.push(JSON.parse(event.slice(5)) as string);
  }
  return error === '' ? found : [...found, error];
}

const HOST = 'Host: a\r\n';
const GET = `GET / HTTP/1.1\r\n${HOST}\r\n`;
const POST = `POST /form HTTP/1.1\r\n${HOST}`;

describe('RequestDecoder.feed, messages', () => {
  it('reads pipelined requests with and without bodies', () => {
    const chunked = `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    const sized = `${POST}Content-Length: 2\r\n\r\nhi`;
    const expected = ['GET /', 'POST /form', 'abc', 'POST /form', 'hi', 'GET /'];
    expect(summary(GET + chunked + sized + GET)).toEqual(expected);
    expect(summary(GET + chunked + sized + GET, { oneAtATime: true })).toEqual(expected);
  });

  it('gives back what follows a request after which it was told to stop', () => {
    const seen: string[] = [];
    const decoder: RequestDecoder = new RequestDecoder({
      onHead: (head) => {
        seen.push(head.target);
        return 0;
      },
      onBody: () => undefined,
      onEnd: () => false,
    });
    const two = Buffer.from(`GET /1 HTTP/1.1\r\n${HOST}\r\nGET /2 HTTP/1.1\r\n${HOST}\r\n`);
    const used = decoder.feed(two, 0, two.length);
    expect(seen).toEqual(['/1']);
    expect(decoder.midMessage).toBe(false);
    expect(decoder.feed(two, used, two.length)).toBe(two.length - used);
    expect(seen).toEqual(['/1', '/2']);
  });

  it('F12: takes a POST without framing as having no body', () => {
    expect(summary(`${POST}\r\n${GET}`)).toEqual(['POST /form', 'GET /']);
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'DELETE'])(
    'F15: %s with a length has a body like any other',
    (method) => {
      const message = `${method} / HTTP/1.1\r\n${HOST}Content-Length: 4\r\n\r\nGET `;
      expect(summary(message + GET)).toEqual([`${method} /`, 'GET ', 'GET /']);
    },
  );

  it('F13: tells a cut request', () => {
    expect(summary(`${POST}Content-Length: 5\r\n\r\nhell`).at(-1)).toMatch(
      /^INCOMPLETE_BODY@.* status 400$/,
    );
    expect(summary('GET / HT').at(-1)).toBe('INCOMPLETE_HEAD@8 status 400');
    expect(summary('\r').at(-1)).toBe('INCOMPLETE_HEAD@1 status 400');
    expect(summary('')).toEqual([]);
  });

  it('P2: ignores what follows a request that closes', () => {
    expect(summary(`GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n\x00junk`)).toEqual([
      'GET /',
    ]);
    expect(summary('GET / HTTP/1.0\r\n\r\nGET /second HTTP/1.0\r\n\r\n')).toEqual(['GET /']);
  });

  it('P8: tells an expectation, and ignores it in HTTP/1.0', () => {
    const expectOf = (version: string, value: string): string =>
      /expect=\S+/.exec(
        decode(`POST / HTTP/1.${version}\r\n${HOST}Expect: ${value}\r\n\r\n`).events[0],
      )?.[0] ?? '';
    expect(expectOf('1', '100-Continue')).toBe('expect=true/false');
    expect(expectOf('1', '100-continue, other')).toBe('expect=true/true');
    expect(expectOf('1', 'payment')).toBe('expect=false/true');
    expect(expectOf('0', '100-continue')).toBe('expect=false/false');
  });

  it('P10: sees an upgrade only when all of its conditions hold', () => {
    const upgrades = (version: string, fields: string): boolean =>
      decode(`GET / HTTP/1.${version}\r\n${HOST}${fields}\r\n0\r\n\r\n`).events[0].includes(
        'upgrade=true',
      );
    const asked = 'Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n';
    expect(upgrades('1', asked)).toBe(true);
    expect(upgrades('0', asked)).toBe(false);
    expect(upgrades('1', 'Upgrade: websocket\r\n')).toBe(false);
    expect(upgrades('1', 'Connection: upgrade\r\n')).toBe(false);
    expect(upgrades('1', `${asked}Content-Length: 5\r\n`)).toBe(false);
    expect(upgrades('1', `${asked}Transfer-Encoding: chunked\r\n`)).toBe(false);
  });

  it('P10, P11: hands over the bytes after the head of a tunnel', () => {
    const connect = 'CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n';
    expect(decode(`${connect}\x16\x03\x01`, { framing: () => 2 })).toMatchObject({
      error: '',
      tunnel: '\x16\x03\x01',
    });
  });

  it('refuses to tunnel a request that has a body', () => {
    const outcome = decode(`${POST}Content-Length: 2\r\n\r\nhi`, { framing: () => 2 });
    expect(outcome.error).toBe('CODEC_STATE');
  });
});

type Case = readonly [rule: string, message: string, code: string, status: number];

const CASES: readonly Case[] = [
  [
    'F1 both lengths',
    `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'CONFLICTING_FRAMING',
    400,
  ],
  [
    'F2 repeated length',
    `${POST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`,
    'DUPLICATE_CONTENT_LENGTH',
    400,
  ],
  ['F3 sign', `${POST}Content-Length: +1\r\n\r\n`, 'INVALID_CONTENT_LENGTH', 400],
  [
    'F4 chunks in 1.0',
    'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n',
    'TRANSFER_ENCODING_IN_1_0',
    400,
  ],
  [
    'F5 chunked not final',
    `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n`,
    'INVALID_TRANSFER_ENCODING',
    400,
  ],
  ['F5 identity', `${POST}Transfer-Encoding: identity\r\n\r\n`, 'INVALID_TRANSFER_ENCODING', 400],
  [
    'F6 another coding first',
    `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    'UNSUPPORTED_TRANSFER_CODING',
    501,
  ],
  [
    'F8 no-break space',
    `${POST}Transfer-Encoding: \xa0chunked\xa0\r\n\r\n`,
    'INVALID_TRANSFER_ENCODING',
    400,
  ],
  ['K1 sign', `${POST}Transfer-Encoding: chunked\r\n\r\n-1\r\n`, 'INVALID_CHUNK_SIZE', 400],
  ['K3 wrong end', `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\nabc`, 'INVALID_CHUNK_END', 400],
  ['L1 bare LF', `GET / HTTP/1.1\n${HOST}\r\n`, 'BARE_LF', 400],
  ['L2 bare CR', `GET / HTTP/1.1\r${HOST}\r\n`, 'BARE_CR', 400],
  ['L5 space before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 'SPACE_BEFORE_COLON', 400],
  ['L6 folded line', `GET / HTTP/1.1\r\n${HOST}\tx\r\n\r\n`, 'OBSOLETE_FOLDING', 400],
  ['L7 two spaces', 'GET  / HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L7 tab', 'GET\t/ HTTP/1.1\r\n', 'INVALID_METHOD', 400],
  ['L7 space behind', 'GET / HTTP/1.1 \r\n', 'INVALID_VERSION', 400],
  ['L7 space in front', ' GET / HTTP/1.1\r\n', 'INVALID_METHOD', 400],
  ['L8 method of no token', 'G@T / HTTP/1.1\r\n', 'INVALID_METHOD', 400],
  ['L8 long method', `${'M'.repeat(33)} / HTTP/1.1\r\n`, 'LIMIT_EXCEEDED', 501],
  ['L9 fragment', 'GET /a#b HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 byte past ASCII', 'GET /\xe9 HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 asterisk for GET', 'GET * HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 asterisk and more', 'OPTIONS */ HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 authority for GET', 'GET example.org:80 HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 other scheme', 'GET hxxp://example.org/ HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 no authority', 'GET http:///path HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 user information', 'GET http://u:p@example.org/ HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 path for CONNECT', 'CONNECT / HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 CONNECT without a port', 'CONNECT example.org HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L9 CONNECT to port 65536', 'CONNECT example.org:65536 HTTP/1.1\r\n', 'INVALID_TARGET', 400],
  ['L10 no Host', 'GET / HTTP/1.1\r\n\r\n', 'MISSING_HOST', 400],
  ['L10 two Hosts', `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, 'DUPLICATE_HOST', 400],
  ['L10 two Hosts in 1.0', `GET / HTTP/1.0\r\n${HOST}${HOST}\r\n`, 'DUPLICATE_HOST', 400],
  ['L10 empty Host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n', 'INVALID_HOST', 400],
  ['L10 list of hosts', 'GET / HTTP/1.1\r\nHost: a,b\r\n\r\n', 'INVALID_HOST', 400],
  ['L10 path in Host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 'INVALID_HOST', 400],
  ['L10 user in Host', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n', 'INVALID_HOST', 400],
  ['L10 space in Host', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 'INVALID_HOST', 400],
  ['L10 open bracket', 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n', 'INVALID_HOST', 400],
  ['L10 port of letters', 'GET / HTTP/1.1\r\nHost: a:b\r\n\r\n', 'INVALID_HOST', 400],
  ['L11 lower case', 'GET / http/1.1\r\n', 'INVALID_VERSION', 400],
  ['L11 two digits', 'GET / HTTP/1.10\r\n', 'INVALID_VERSION', 400],
  ['L11 no minor', 'GET / HTTP/2\r\n', 'INVALID_VERSION', 400],
  ['L11 well-formed 2.0', 'GET / HTTP/2.0\r\n', 'UNSUPPORTED_VERSION', 505],
  ['L11 well-formed 1.2', 'GET / HTTP/1.2\r\n', 'UNSUPPORTED_VERSION', 505],
  ['L12 HTTP/0.9', 'GET /\r\n', 'INVALID_TARGET', 400],
  ['L12 TLS record', '\x16\x03\x01', 'INVALID_METHOD', 400],
  ['L12 HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'INVALID_TARGET', 400],
  ['L13 two empty lines', `\r\n\r\n${GET}`, 'LEADING_EMPTY_LINES', 400],
  ['L13 bare CR in front', `\r${GET}`, 'BARE_CR', 400],
  ['L13 bare LF in front', `\n${GET}`, 'INVALID_METHOD', 400],
  ['L15 long target', `GET /${'x'.repeat(9000)}`, 'LIMIT_EXCEEDED', 414],
  ['L15 long field', `GET / HTTP/1.1\r\nA: ${'x'.repeat(9000)}`, 'LIMIT_EXCEEDED', 431],
  [
    'L15 long head',
    `GET / HTTP/1.1\r\n${`A: ${'x'.repeat(7000)}\r\n`.repeat(3)}`,
    'LIMIT_EXCEEDED',
    431,
  ],
  ['L15 many fields', `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(101)}`, 'LIMIT_EXCEEDED', 431],
  ['F3 body past the limit', `${POST}Content-Length: 1048577\r\n\r\n`, 'LIMIT_EXCEEDED', 413],
  [
    'P11 CONNECT with a body',
    'CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx',
    'BODY_NOT_ALLOWED',
    400,
  ],
];

describe('RequestDecoder.feed refuses, however the bytes are cut', () => {
  it.each(CASES)('%s', (_rule, message, code, status) => {
    const recorder = (): ReturnType<typeof recordRequests> => recordRequests();
    const outcome = feedEveryWay(recorder, Buffer.from(message, 'latin1'), 60) as CodecOutcome;
    expect(outcome.error.split('@')[0]).toBe(code);
    expect(outcome.error).toContain(` status ${status}`);
  });

  it('L12: at the first impossible byte, without waiting for more', () => {
    expect(decode('\x16').error).toBe('INVALID_METHOD@0 status 400');
    expect(decode('PRI *').error).toBe('INVALID_TARGET@4 status 400');
  });
});

describe('RequestDecoder.feed accepts', () => {
  it.each([
    ['L8 an unknown method, letter case kept', `purge / HTTP/1.1\r\n${HOST}\r\n`, 'purge /'],
    [
      'L9 origin form with anything visible',
      `GET /a?b=[{"}]|c HTTP/1.1\r\n${HOST}\r\n`,
      'GET /a?b=[{"}]|c',
    ],
    [
      'L9 absolute form',
      `GET HTTP://[::1]:8080?q HTTP/1.1\r\n${HOST}\r\n`,
      'GET HTTP://[::1]:8080?q',
    ],
    ['L9 asterisk form', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, 'OPTIONS *'],
    ['L9 authority form', 'CONNECT [::1]:443 HTTP/1.1\r\nHost: a\r\n\r\n', 'CONNECT [::1]:443'],
    ['L10 1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', 'GET /'],
    ['L10 Host with an empty port', 'GET / HTTP/1.1\r\nHost: a:\r\n\r\n', 'GET /'],
    ['L13 one empty line before each request', `\r\n${GET}\r\n`, 'GET /'],
  ])('%s', (_rule, message, expected) => {
    expect(summary(message)).toEqual([expected]);
  });
});
