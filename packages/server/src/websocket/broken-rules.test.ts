import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { frameBytes } from '@needletail/testkit/frame-bytes';
import { describe, expect, it } from 'vitest';
import { close, frame, text } from './raw-socket.fixture.ts';
import { echo, SocketTestServer } from './socket-test-server.fixture.ts';

const server = new SocketTestServer();

const part = (opcode: number, payload = 'x', isFinal = false): Buffer =>
  frame({ opcode, payload, isFinal });
const repeat = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));
/** Deflated as RFC 7692 §7.2.1 wants it. */
function deflated(payload: string | Buffer): Buffer {
  const bytes = deflateRawSync(payload, { finishFlush: 2 /* Z_SYNC_FLUSH */ });
  return frame({ opcode: 1, reserved: 4, payload: bytes.subarray(0, -4) });
}

const LIMITS = { maxMessageBytes: 1000, maxFragments: 10, origins: 'any' } as const;

interface Case {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the client is told, after the echo of whatever was right. */
  readonly told: readonly string[];
  readonly hasDeflate?: boolean;
}

const broken = (name: string, bytes: Buffer, code: string, before: string[] = []): Case => ({
  name,
  bytes,
  told: [...before, `close ${code}`, 'end'],
});

const CASES: readonly Case[] = [
  broken('a frame without a mask', frameBytes({ opcode: 1, payload: 'x' }), '1002 UNMASKED_FRAME'),
  broken('a ping without a mask', frameBytes({ opcode: 9 }), '1002 UNMASKED_FRAME'),
  broken('a close without a mask', frameBytes({ opcode: 8 }), '1002 UNMASKED_FRAME'),
  ...[1, 2, 3, 4, 5, 6, 7].map((reserved) =>
    broken(
      `reserved bits ${reserved}`,
      frame({ opcode: 1, payload: 'x', reserved }),
      '1002 RESERVED_BITS',
    ),
  ),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) =>
    broken(`opcode ${opcode}`, frame({ opcode, payload: 'x' }), '1002 RESERVED_OPCODE'),
  ),
  broken('a ping in fragments', part(9), '1002 FRAGMENTED_CONTROL'),
  broken('a close in fragments', part(8), '1002 FRAGMENTED_CONTROL'),
  broken(
    'a ping of 126 bytes',
    frame({ opcode: 9, payload: 'x'.repeat(126) }),
    '1002 CONTROL_TOO_LONG',
  ),
  broken(
    'a length in two bytes that fits one',
    frame({ opcode: 1, payload: 'x', lengthBytes: 2 }),
    '1002 LENGTH_NOT_MINIMAL',
  ),
  broken(
    'a length in eight bytes that fits two',
    frame({ opcode: 1, payload: 'x', lengthBytes: 8 }),
    '1002 LENGTH_NOT_MINIMAL',
  ),
  broken(
    'a length with its top bit set',
    frame({ opcode: 2, claimedLength: 1n << 63n }),
    '1009 LENGTH_TOO_LARGE',
  ),
  broken(
    'a length past 2^53',
    frame({ opcode: 2, claimedLength: 1n << 53n }),
    '1009 LENGTH_TOO_LARGE',
  ),
  broken('a continuation of nothing', part(0), '1002 UNEXPECTED_CONTINUATION'),
  broken(
    'a continuation after the end',
    Buffer.concat([part(1), part(0, 'y', true), part(0)]),
    '1002 UNEXPECTED_CONTINUATION',
    ['text xy'],
  ),
  broken(
    'a message inside a message',
    Buffer.concat([part(1), text('y')]),
    '1002 MISSING_CONTINUATION',
  ),
  broken(
    'a binary message inside a text',
    Buffer.concat([part(1), part(2)]),
    '1002 MISSING_CONTINUATION',
  ),
  broken(
    'a message over the limit',
    frame({ opcode: 2, payload: 'x'.repeat(1001) }),
    '1009 LIMIT_EXCEEDED',
  ),
  broken(
    'the header alone of one',
    frame({ opcode: 2, claimedLength: 1_000_000n }),
    '1009 LIMIT_EXCEEDED',
  ),
  broken(
    'fragments that together pass it',
    Buffer.concat([part(2, 'x'.repeat(600)), part(0, 'x'.repeat(600))]),
    '1009 LIMIT_EXCEEDED',
  ),
  broken(
    'too many fragments',
    Buffer.concat([part(1), repeat(10, part(0))]),
    '1008 LIMIT_EXCEEDED',
  ),
  broken(
    'empty fragments without an end',
    Buffer.concat([part(1, ''), repeat(5000, part(0, ''))]),
    '1008 LIMIT_EXCEEDED',
  ),
  broken('text that is not UTF-8', text('\xff'), '1007 INVALID_UTF8'),
  broken('a surrogate', text('\xed\xa0\x80'), '1007 INVALID_UTF8'),
  broken('an overlong form', text('\xc0\xaf'), '1007 INVALID_UTF8'),
  broken('text that ends in the middle of a character', text('\xe2\x82'), '1007 INVALID_UTF8'),
  broken(
    'such text in the first of two fragments, at once',
    part(1, 'ab\xff'),
    '1007 INVALID_UTF8',
  ),
  broken('a close of one byte', close('\x03'), '1002 INVALID_CLOSE_PAYLOAD'),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) =>
    broken(
      `a close with code ${code}`,
      close(String.fromCharCode(code >> 8, code & 255)),
      '1002 INVALID_CLOSE_CODE',
    ),
  ),
  broken('a close with a reason that is not UTF-8', close('\x03\xe8\xff'), '1007 INVALID_UTF8'),
  {
    ...broken(
      'a message that does not inflate',
      frame({ opcode: 1, payload: '\xff\xff', reserved: 4 }),
      '1007 INVALID_COMPRESSION',
    ),
    hasDeflate: true,
  },
  {
    ...broken(
      'one that inflates to more than the limit',
      deflated('x'.repeat(100_000)),
      '1009 LIMIT_EXCEEDED',
    ),
    hasDeflate: true,
  },
  {
    ...broken(
      'one that inflates to what is not UTF-8',
      deflated(Buffer.from([0xff, 0xfe])),
      '1007 INVALID_UTF8',
    ),
    hasDeflate: true,
  },
  {
    ...broken(
      'a ping that is marked as compressed',
      frame({ opcode: 9, reserved: 4 }),
      '1002 RESERVED_BITS',
    ),
    hasDeflate: true,
  },
  {
    ...broken(
      'a continuation that is',
      Buffer.concat([part(1), frame({ opcode: 0, payload: 'x', reserved: 4 })]),
      '1002 RESERVED_BITS',
    ),
    hasDeflate: true,
  },
];

const EXTENSION = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';

describe('a client that breaks a rule', () => {
  it.each(CASES)('$name: $told', async ({ bytes, told, hasDeflate = false }) => {
    const ends: string[] = [];
    await server.start({
      ...LIMITS,
      deflate: hasDeflate,
      message: echo,
      close: (_, code, reason) => void ends.push(`close ${code} ${reason}`),
    });
    const client = await server.raw(hasDeflate ? EXTENSION : '');
    // What comes behind is ignored.
    client.write(Buffer.concat([bytes, text('behind'), close()]));
    expect(await client.rest()).toEqual(told);
    expect(ends).toEqual([told.at(-2)]);
  });

  it.each(CASES.filter(({ bytes }) => bytes.length < 60))(
    'byte by byte, $name: $told',
    async ({ bytes, told, hasDeflate = false }) => {
      await server.start({ ...LIMITS, deflate: hasDeflate, message: echo });
      const client = await server.raw(hasDeflate ? EXTENSION : '');
      for (const byte of bytes) {
        client.write(Buffer.from([byte]));
        await nextTurn();
      }
      expect(await client.rest()).toEqual(told);
    },
  );

  it('hears the answers to what it sent before', async () => {
    await server.start({ message: echo });
    const client = await server.raw();
    client.write(Buffer.concat([text('good'), frameBytes({ opcode: 1 })]));
    expect(await client.rest()).toEqual(['text good', 'close 1002 UNMASKED_FRAME', 'end']);
  });

  it('reads why although it goes on sending', async () => {
    await server.start({ maxMessageBytes: 1000 });
    const client = await server.raw();
    const megabyte = Buffer.alloc(1024 * 1024);
    client.write(frame({ opcode: 2, claimedLength: 4_000_000n }));
    for (let count = 0; count < 3; count += 1) client.write(megabyte);
    expect(await client.rest()).toEqual(['close 1009 LIMIT_EXCEEDED', 'end']);
  });

  it('is dropped when it does so without end', async () => {
    await server.start({ maxMessageBytes: 1000 });
    const client = await server.raw();
    client.write(frame({ opcode: 2, claimedLength: 1n << 40n }));
    const megabyte = Buffer.alloc(1024 * 1024);
    const keepSending = (error?: Error | null): void => {
      if (error === undefined || error === null) client.socket.write(megabyte, keepSending);
    };
    keepSending();
    await server.until(() => server.hub.socketCount === 0);
    expect(client.events[0]).toBe('close 1009 LIMIT_EXCEEDED');
  });
});

describe('what looks odd and is right', () => {
  it.each([
    ['empty messages', Buffer.concat([text(''), frame({ opcode: 2 })]), ['text ', 'binary ']],
    [
      'a message of empty fragments',
      Buffer.concat([part(1, ''), part(0, ''), part(0, '', true)]),
      ['text '],
    ],
    [
      'pings between fragments',
      Buffer.concat([part(1, 'a'), frame({ opcode: 9, payload: 'p' }), part(0, 'b', true)]),
      ['pong p', 'text ab'],
    ],
    [
      'a character cut by the fragments',
      Buffer.concat([part(1, '\xe2\x82'), part(0, '\xac', true)]),
      ['text €'],
    ],
    [
      'a pong nobody asked for',
      Buffer.concat([frame({ opcode: 10, payload: '?' }), text('a')]),
      ['text a'],
    ],
    [
      'a ping of 125 bytes',
      frame({ opcode: 9, payload: 'x'.repeat(125) }),
      [`pong ${'x'.repeat(125)}`],
    ],
    ['a mask of zeros', frameBytes({ opcode: 1, payload: 'x', mask: [0, 0, 0, 0] }), ['text x']],
    [
      'as many bytes as allowed',
      frame({ opcode: 2, payload: 'y'.repeat(1000) }),
      [`binary ${'y'.repeat(1000)}`],
    ],
    [
      'as many fragments as allowed',
      Buffer.concat([part(1), repeat(8, part(0)), part(0, 'x', true)]),
      [`text ${'x'.repeat(10)}`],
    ],
  ])('%s', async (_name, bytes, told) => {
    await server.start({ ...LIMITS, message: echo });
    const client = await server.raw();
    client.write(Buffer.concat([bytes, close('\x03\xe8')]));
    expect(await client.rest()).toEqual([...told, 'close 1000', 'end']);
  });

  it.each([
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
  ])('a close with code %i is echoed', async (code) => {
    await server.start({});
    const client = await server.raw();
    client.write(close(String.fromCharCode(code >> 8, code & 255)));
    expect(await client.rest()).toEqual([`close ${code}`, 'end']);
  });
});
