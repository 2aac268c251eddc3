import { describe, expect, it } from 'vitest';
import { EncodeError } from '../http1/errors.ts';
import { FieldMap } from '../http1/field-map.ts';
import { RequestBuilder, type ReceivedRequest } from '../http1/request-builder.ts';
import { RequestDecoder, type RequestHead } from '../http1/request-decoder.ts';
import {
  checkUpgradeResponse,
  encodeUpgradeRequest,
  type UpgradeRequestInput,
} from './client-handshake.ts';
import { HandshakeError } from './errors.ts';
import { acceptOf, createHandshakeKey, isHandshakeKey } from './handshake-key.ts';
import {
  answerUpgrade,
  encodeUpgradeRefusal,
  encodeUpgradeResponse,
  type UpgradeAnswerOptions,
} from './server-handshake.ts';

const PLAIN: UpgradeRequestInput = { target: '/chat?x=1', host: 'example.org' };

function receive(head: string): { readonly request: ReceivedRequest; readonly upgrade: boolean } {
  let upgrade = false;
  let request: ReceivedRequest | null = null;
  const builder = new RequestBuilder({
    onRequest(received) {
      request = received;
      return true;
    },
    framing(seen: RequestHead) {
      upgrade = seen.upgrade;
      return 0;
    },
  });
  const bytes = Buffer.from(head, 'latin1');
  new RequestDecoder(builder).feed(bytes, 0, bytes.length);
  if (request === null) throw new Error('The head is not complete. Correct the test.');
  return { request, upgrade };
}

function errorOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HandshakeError) return `${error.code} ${error.status}`;
    if (error instanceof EncodeError) return `${error.code} ${error.what}`;
    throw error;
  }
  return 'fine';
}

function answer(
  head: string,
  options: UpgradeAnswerOptions = {},
): ReturnType<typeof answerUpgrade> {
  const { request, upgrade } = receive(head);
  return answerUpgrade({ method: request.method, upgrade }, request.fields, options);
}

describe('acceptOf', () => {
  it('answers the key of RFC 6455 §1.3', () => {
    expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});

describe('encodeUpgradeRequest', () => {
  it('asks for version 13 with a key that is new each time', () => {
    const first = encodeUpgradeRequest(PLAIN);
    expect(first.head).toBe(
      'GET /chat?x=1 HTTP/1.1\r\nHost: example.org\r\nConnection: upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${first.key}\r\n\r\n`,
    );
    expect(isHandshakeKey(first.key)).toBe(true);
    expect(createHandshakeKey()).not.toBe(first.key);
  });

  it('refuses fields of the handshake and subprotocols that are no tokens, or twice', () => {
    const tries: readonly Partial<UpgradeRequestInput>[] = [
      { headers: [['Sec-WebSocket-Key', 'x']] },
      { headers: [['sec-websocket-protocol', 'x']] },
      { headers: [['Host', 'x']] },
      { headers: [['X-A', 'a\r\nb']] },
      { protocols: ['a b'] },
      { protocols: ['a,b'] },
      { protocols: [''] },
      { protocols: ['a', 'a'] },
      { origin: 'x\r\ny' },
    ];
    const codes = tries.map((one) => errorOf(() => encodeUpgradeRequest({ ...PLAIN, ...one })));
    expect(codes.map((code) => code.split(' ')[0])).toEqual([
      'RESERVED_FIELD',
      'RESERVED_FIELD',
      'RESERVED_FIELD',
      'INVALID_VALUE',
      'INVALID_VALUE',
      'INVALID_VALUE',
      'INVALID_VALUE',
      'INVALID_VALUE',
      'INVALID_VALUE',
    ]);
  });
});

describe('answerUpgrade', () => {
  const handshake = (changes: Readonly<Record<string, string | null>> = {}): string => {
    const fields: Record<string, string | null> = {
      Host: 'a',
      Connection: 'keep-alive, Upgrade',
      Upgrade: 'WebSocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...changes,
    };
    const lines = Object.entries(fields).filter(([, value]) => value !== null);
    return `GET / HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  };

  it('accepts a handshake, and a client takes the answer', () => {
    const request = encodeUpgradeRequest({ ...PLAIN, protocols: ['v2', 'v1'], deflate: {} });
    const answered = answer(request.head, { chooseProtocol: () => 'v1', deflate: {} });
    const response = encodeUpgradeResponse(answered, [['Server', 'x']]);
    expect(response.startsWith('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n')).toBe(
      true,
    );
    const accepted = checkUpgradeResponse(101, FieldMap.ofHead(response.slice(0, -4)), request);
    expect(accepted.protocol).toBe('v1');
    expect(accepted.deflate).toEqual(answered.deflate);
    expect(answered.deflate).toMatchObject({
      serverNoContextTakeover: true,
      serverMaxWindowBits: 15,
    });
  });

  it.each([
    ['no Upgrade', { Upgrade: null }, 'NOT_AN_UPGRADE 426'],
    ['another protocol', { Upgrade: 'h2c' }, 'NOT_AN_UPGRADE 426'],
    ['Upgrade not listed in Connection', { Connection: 'keep-alive' }, 'NOT_AN_UPGRADE 426'],
    ['no version', { 'Sec-WebSocket-Version': null }, 'UNSUPPORTED_VERSION 426'],
    ['version 8', { 'Sec-WebSocket-Version': '8' }, 'UNSUPPORTED_VERSION 426'],
    ['version 013', { 'Sec-WebSocket-Version': '013' }, 'UNSUPPORTED_VERSION 426'],
    ['no key', { 'Sec-WebSocket-Key': null }, 'INVALID_KEY 400'],
    ['a short key', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZQ==' }, 'INVALID_KEY 400'],
    [
      'a key that is no base64',
      { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZ!==' },
      'INVALID_KEY 400',
    ],
    ['malformed extensions', { 'Sec-WebSocket-Extensions': 'a;;b' }, 'INVALID_EXTENSIONS 400'],
    ['malformed subprotocols', { 'Sec-WebSocket-Protocol': 'a, ,b' }, 'INVALID_SUBPROTOCOL 400'],
    ['a subprotocol twice', { 'Sec-WebSocket-Protocol': 'a, a' }, 'INVALID_SUBPROTOCOL 400'],
  ])('refuses %s', (_what, changes, expected) => {
    expect(errorOf(() => answer(handshake(changes)))).toBe(expected);
  });

  it('refuses POST, a body and HTTP/1.0', () => {
    const post = handshake().replace('GET', 'POST');
    expect(errorOf(() => answer(post))).toBe('NOT_AN_UPGRADE 400');
    const old = handshake().replace('HTTP/1.1', 'HTTP/1.0');
    expect(errorOf(() => answer(old))).toBe('NOT_AN_UPGRADE 426');
  });

  it('asks about the origin', () => {
    const allowOrigin = (origin: string | null): boolean =>
      origin === null || origin === 'https://a';
    expect(errorOf(() => answer(handshake(), { allowOrigin }))).toBe('fine');
    expect(errorOf(() => answer(handshake({ Origin: 'https://a' }), { allowOrigin }))).toBe('fine');
    expect(errorOf(() => answer(handshake({ Origin: 'https://b' }), { allowOrigin }))).toBe(
      'ORIGIN_REFUSED 403',
    );
  });

  it('throws for a choice that was not offered', () => {
    const head = handshake({ 'Sec-WebSocket-Protocol': 'a' });
    expect(() => answer(head, { chooseProtocol: () => 'b' })).toThrow(/was not offered/);
  });

  it('has a whole response to refuse with', () => {
    const version = encodeUpgradeRefusal(
      new HandshakeError('UNSUPPORTED_VERSION', 426, 'Old: é\r\n.'),
    );
    expect(version).toMatch(
      /^HTTP\/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: websocket\r\n/,
    );
    expect(version).toMatch(
      /Sec-WebSocket-Version: 13\r\nContent-Length: 10\r\n\r\nOld: \?\?\n\.\n$/,
    );
    const origin = encodeUpgradeRefusal(new HandshakeError('ORIGIN_REFUSED', 403, 'No.'));
    expect(origin).toMatch(/^HTTP\/1.1 403 Forbidden\r\nConnection: close\r\n/);
  });
});

describe('checkUpgradeResponse', () => {
  const request = encodeUpgradeRequest({ ...PLAIN, protocols: ['v1'], deflate: {} });
  const deflateAnswer = 'permessage-deflate; server_no_context_takeover';
  const check = (changes: Readonly<Record<string, string | null>>, status = 101): string => {
    const fields: Record<string, string | null> = {
      Upgrade: 'WebSocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Accept': acceptOf(request.key),
      ...changes,
    };
    const lines = Object.entries(fields).filter(([, value]) => value !== null);
    const map = new FieldMap(lines.map(([name, value]) => `${name}: ${value}`).join('\r\n'));
    return errorOf(() => checkUpgradeResponse(status, map, request));
  };

  it.each([
    ['the right answer', {}, 'fine'],
    [
      'what was offered',
      { 'Sec-WebSocket-Protocol': 'v1', 'Sec-WebSocket-Extensions': deflateAnswer },
      'fine',
    ],
    ['no Upgrade', { Upgrade: null }, 'NOT_AN_UPGRADE 0'],
    ['no Connection', { Connection: 'close' }, 'NOT_AN_UPGRADE 0'],
    ['no accept', { 'Sec-WebSocket-Accept': null }, 'INVALID_ACCEPT 0'],
    [
      'an accept in lower case',
      { 'Sec-WebSocket-Accept': acceptOf(request.key).toLowerCase() },
      'INVALID_ACCEPT 0',
    ],
    ['a subprotocol not offered', { 'Sec-WebSocket-Protocol': 'v2' }, 'INVALID_SUBPROTOCOL 0'],
    ['two subprotocols', { 'Sec-WebSocket-Protocol': 'v1, v1' }, 'INVALID_SUBPROTOCOL 0'],
    ['an extension not offered', { 'Sec-WebSocket-Extensions': 'x-other' }, 'INVALID_EXTENSIONS 0'],
    [
      'compression twice',
      { 'Sec-WebSocket-Extensions': `${deflateAnswer}, ${deflateAnswer}` },
      'INVALID_EXTENSIONS 0',
    ],
    [
      'a parameter it does not know',
      { 'Sec-WebSocket-Extensions': `${deflateAnswer}; x=1` },
      'INVALID_EXTENSIONS 0',
    ],
    [
      'compression that ignores the offer',
      { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      'INVALID_EXTENSIONS 0',
    ],
  ])('judges %s', (_what, changes, expected) => {
    expect(check(changes)).toBe(expected);
  });

  it('refuses any other status', () => {
    expect(check({}, 200)).toBe('NOT_SWITCHED 0');
  });
});
