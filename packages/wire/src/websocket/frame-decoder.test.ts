import { feedEveryWay } from '@needletail/testkit/feeding';
import { frameBytes, type FrameParts } from '@needletail/testkit/frame-bytes';
import { recordFrames, type FrameRecorderOptions } from '@needletail/testkit/frame-recorder';
import type { CodecOutcome } from '@needletail/testkit/codec-recorder';
import { describe, expect, it } from 'vitest';
import { FrameDecoder } from './frame-decoder.ts';

const TEXT = 1;
const BINARY = 2;
const CONTINUATION = 0;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

function decode(frames: readonly FrameParts[], options: FrameRecorderOptions = {}): CodecOutcome {
  const bytes = Buffer.concat(frames.map(frameBytes));
  return feedEveryWay(() => recordFrames(options), bytes, 60) as CodecOutcome;
}

function errorOf(frames: readonly FrameParts[], options: FrameRecorderOptions = {}): string {
  return decode(frames, options).error;
}

function closeWith(code: number, reason = ''): FrameParts {
  return {
    opcode: CLOSE,
    payload: Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason, 'utf8')]),
  };
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

describe('FrameDecoder: messages', () => {
  it.each([0, 1, 125, 126, 127, 200, 1000, 10_000, 65_535, 65_536, 100_000])(
    'delivers %i bytes in one frame',
    (length) => {
      const payload = 'z'.repeat(length);
      expect(decode([{ opcode: BINARY, payload }]).events).toEqual([`binary "${payload}"`]);
      expect(decode([{ opcode: TEXT, payload }]).events).toEqual([`text "${payload}"`]);
    },
  );

  it('joins fragments, empty ones too, with control frames between them delivered at once', () => {
    const outcome = decode([
      { opcode: TEXT, payload: 'one ', isFinal: false },
      { opcode: PING, payload: 'p' },
      { opcode: CONTINUATION, payload: '', isFinal: false },
      { opcode: PONG },
      { opcode: CONTINUATION, payload: 'two', isFinal: false },
      { opcode: CONTINUATION, payload: '' },
      { opcode: BINARY, payload: '\xff' },
    ]);
    expect(outcome.events).toEqual(['ping "p"', 'pong ""', 'text "one two"', 'binary "ÿ"']);
    expect(outcome.error).toBe('');
  });

  it('takes off the masks of a client, also where fragments and reads cut them', () => {
    const outcome = decode(
      [
        { opcode: TEXT, payload: utf8('κόσμε'), mask: [1, 2, 3, 250] },
        { opcode: BINARY, payload: 'abcde', mask: [9, 0, 0, 7], isFinal: false },
        { opcode: PING, payload: 'x'.repeat(125), mask: [255, 255, 255, 255] },
        { opcode: CONTINUATION, payload: 'f'.repeat(500), mask: [128, 64, 32, 16] },
      ],
      { role: 'server' },
    );
    expect(outcome.events).toEqual([
      'text "κόσμε"',
      `ping "${'x'.repeat(125)}"`,
      `binary "abcde${'f'.repeat(500)}"`,
    ]);
  });

  it('ignores what follows a close frame', () => {
    const outcome = decode([closeWith(1000, 'bye'), { opcode: 3 }, { opcode: TEXT, payload: 'x' }]);
    expect(outcome).toEqual({ events: ['close 1000 "bye"'], error: '', tunnel: '' });
  });

  it('is dead after an error and may not be fed from its sink', () => {
    const { decoder } = recordFrames();
    const bad = frameBytes({ opcode: 3 });
    expect(() => decoder.feed(bad, 0, bad.length)).toThrow(/Reserved opcode: 3/);
    expect(() => decoder.feed(bad, 0, bad.length)).toThrow(/Decoder unusable/);
    const fine = frameBytes({ opcode: PING });
    const none = (): void => {};
    const inner: FrameDecoder = new FrameDecoder('client', {
      onText: none,
      onBinary: none,
      onPing: () => inner.feed(fine, 0, fine.length),
      onPong: none,
      onClose: none,
    });
    expect(() => inner.feed(fine, 0, fine.length)).toThrow(/feed was called from inside/);
  });
});

describe('FrameDecoder: what it refuses', () => {
  const started: FrameParts = { opcode: TEXT, payload: 'a', isFinal: false };
  const protocol: readonly (readonly [
    what: string,
    frames: readonly FrameParts[],
    error: string,
  ])[] = [
    ['RSV1 without an extension', [{ opcode: TEXT, reserved: 4 }], 'RESERVED_BITS@0'],
    ['RSV2', [{ opcode: BINARY, reserved: 2 }], 'RESERVED_BITS@0'],
    ['RSV3', [{ opcode: PING, reserved: 1 }], 'RESERVED_BITS@0'],
    ['RSV1 on a close frame', [{ opcode: CLOSE, reserved: 4 }], 'RESERVED_BITS@0'],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      (opcode) => [`opcode ${opcode}`, [{ opcode }], 'RESERVED_OPCODE@0'] as const,
    ),
    ['a fragmented ping', [{ opcode: PING, isFinal: false }], 'FRAGMENTED_CONTROL@0'],
    ['a fragmented close', [{ opcode: CLOSE, isFinal: false }], 'FRAGMENTED_CONTROL@0'],
    ['a continuation of nothing', [{ opcode: CONTINUATION }], 'UNEXPECTED_CONTINUATION@0'],
    [
      'a continuation after the last fragment',
      [started, { opcode: CONTINUATION }, { opcode: CONTINUATION }],
      'UNEXPECTED_CONTINUATION@5',
    ],
    ['a new text inside a message', [started, { opcode: TEXT }], 'MISSING_CONTINUATION@3'],
    ['a new binary inside a message', [started, { opcode: BINARY }], 'MISSING_CONTINUATION@3'],
    ['a masked frame of a server', [{ opcode: TEXT, mask: [1, 2, 3, 4] }], 'MASKED_FRAME@1'],
    ['a ping of 126 bytes', [{ opcode: PING, payload: 'x'.repeat(126) }], 'CONTROL_TOO_LONG@1'],
    ['a ping with a long length', [{ opcode: PING, lengthBytes: 2 }], 'CONTROL_TOO_LONG@1'],
    [
      '125 in two bytes',
      [{ opcode: TEXT, payload: 'x'.repeat(125), lengthBytes: 2 }],
      'LENGTH_NOT_MINIMAL@3',
    ],
    ['0 in two bytes', [{ opcode: TEXT, lengthBytes: 2 }], 'LENGTH_NOT_MINIMAL@3'],
    [
      '65535 in eight bytes',
      [{ opcode: BINARY, claimedLength: 65_535n, lengthBytes: 8 }],
      'LENGTH_NOT_MINIMAL@9',
    ],
    [
      '5 in eight bytes',
      [{ opcode: BINARY, payload: 'hello', lengthBytes: 8 }],
      'LENGTH_NOT_MINIMAL@9',
    ],
    ['a close frame of one byte', [{ opcode: CLOSE, payload: '\x03' }], 'INVALID_CLOSE_PAYLOAD@2'],
  ];

  it.each(protocol)('%s', (_what, frames, error) => {
    expect(errorOf(frames)).toBe(`${error} closes with 1002`);
  });

  it('an unmasked frame of a client', () => {
    expect(errorOf([{ opcode: TEXT }], { role: 'server' })).toBe(
      'UNMASKED_FRAME@1 closes with 1002',
    );
  });

  it.each([1n << 53n, 1n << 62n, 1n << 63n, (1n << 64n) - 1n])(
    'a length of %s',
    (claimedLength) => {
      const error = errorOf([{ opcode: BINARY, claimedLength, lengthBytes: 8 }]);
      expect(error).toMatch(/^LENGTH_TOO_LARGE@\d closes with 1009$/);
    },
  );
});

describe('FrameDecoder: UTF-8', () => {
  it.each([
    '',
    'hello',
    'κόσμε',
    '日本語',
    '😀👩‍👩‍👧',
    '\ufffd',
    '\u0000',
    '\ufeffbom',
    '\u{10ffff}',
    '\ud7ff\ue000',
  ])('takes %j whole and in one-byte fragments', (text) => {
    expect(decode([{ opcode: TEXT, payload: utf8(text) }]).events).toEqual([
      `text ${JSON.stringify(text)}`,
    ]);
    const bytes = [...utf8(text)];
    const frames = bytes.map((byte, index) => ({
      opcode: index === 0 ? TEXT : CONTINUATION,
      payload: Buffer.from([byte]),
      isFinal: index === bytes.length - 1,
    }));
    if (frames.length === 0) return;
    expect(decode(frames).events).toEqual([`text ${JSON.stringify(text)}`]);
  });

  it.each([
    ['a surrogate', 'ok \xed\xa0\x80', 4],
    ['a surrogate pair', '\xed\xa0\xbd\xed\xb8\x80', 1],
    ['an overlong slash', '\xc0\xaf', 0],
    ['an overlong slash in three bytes', '\xe0\x80\xaf', 1],
    ['an overlong form in four bytes', '\xf0\x80\x80\xaf', 1],
    ['past U+10FFFF', '\xf4\x90\x80\x80', 1],
    ['five bytes', '\xf8\x88\x80\x80\x80', 0],
    ['a lone continuation', 'abc\x80', 3],
    ['a sequence broken by ASCII', '\xe2\x82a', 2],
    ['a sequence broken by another', 'é\xc3\xe2\x82\xac'.replace('é', '\xc3\xa9'), 3],
    ['0xFF', `${'a'.repeat(100)}\xff`, 100],
    ['a cut at the end', '\xf0\x9f\x98', 3],
  ])('refuses %s at its first wrong byte', (_what, payload, at) => {
    const header = payload.length > 125 ? 4 : 2;
    expect(errorOf([{ opcode: TEXT, payload }])).toBe(
      `INVALID_UTF8@${header + at} closes with 1007`,
    );
    expect(decode([{ opcode: BINARY, payload }]).error).toBe('');
  });

  it('refuses a wrong byte before the message has ended', () => {
    const first: FrameParts = { opcode: TEXT, payload: '\xce\xba\xff', isFinal: false };
    expect(errorOf([first])).toBe('INVALID_UTF8@4 closes with 1007');
    const cut = { opcode: TEXT, payload: '\xf4', isFinal: false };
    expect(errorOf([cut, { opcode: CONTINUATION, payload: '\x90', isFinal: false }])).toBe(
      'INVALID_UTF8@5 closes with 1007',
    );
  });
});

describe('FrameDecoder: close frames', () => {
  it.each([
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
  ])('takes code %i', (code) => {
    expect(decode([closeWith(code)]).events).toEqual([`close ${code} ""`]);
  });

  it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])(
    'refuses code %i',
    (code) => {
      expect(errorOf([closeWith(code)])).toBe('INVALID_CLOSE_CODE@2 closes with 1002');
    },
  );

  it('takes none, and a reason in UTF-8 up to 123 bytes', () => {
    expect(decode([{ opcode: CLOSE }]).events).toEqual(['close 1005 ""']);
    const reason = 'é'.repeat(61);
    expect(decode([closeWith(4001, reason)]).events).toEqual([`close 4001 "${reason}"`]);
    const bad: FrameParts = { opcode: CLOSE, payload: '\x03\xe8\xc3(' };
    expect(errorOf([bad])).toBe('INVALID_UTF8@5 closes with 1007');
  });
});

describe('FrameDecoder: limits', () => {
  it('refuses a message by its header, or by the fragment that is too much', () => {
    const limits = { maxMessageBytes: 100 };
    expect(decode([{ opcode: BINARY, payload: 'x'.repeat(100) }], { limits }).error).toBe('');
    expect(errorOf([{ opcode: BINARY, payload: 'x'.repeat(101) }], { limits })).toBe(
      'LIMIT_EXCEEDED@2 closes with 1009 maxMessageBytes 101/100',
    );
    const half = 'x'.repeat(60);
    const frames = [
      { opcode: BINARY, payload: half, isFinal: false },
      { opcode: PING, payload: 'x'.repeat(125) },
      { opcode: CONTINUATION, payload: half },
    ];
    expect(errorOf(frames, { limits })).toMatch(/closes with 1009 maxMessageBytes 120\/100$/);
  });

  it('counts fragments, empty ones too', () => {
    const limits = { maxFragments: 3 };
    const empty = { opcode: CONTINUATION, isFinal: false };
    const frames = [{ opcode: TEXT, isFinal: false }, empty, empty];
    expect(decode(frames, { limits }).error).toBe('');
    expect(errorOf([...frames, empty], { limits })).toMatch(/closes with 1008 maxFragments 4\/3$/);
  });

  it('sets little aside for a header that only claims', () => {
    const { decoder } = recordFrames();
    const claim = frameBytes({ opcode: BINARY, claimedLength: 16_000_000n, payload: 'x' });
    decoder.feed(claim, 0, claim.length);
    expect(decoder.heldBytes).toBeLessThanOrEqual(262_144);
  });

  it('takes a message of many megabytes in small reads', () => {
    const payload = Buffer.alloc(3_000_000, 'abcdefg');
    const bytes = frameBytes({ opcode: BINARY, payload });
    let isSame = false;
    const none = (): void => {};
    const decoder = new FrameDecoder('client', {
      onText: none,
      onBinary: (buffer, start, end) => (isSame = buffer.subarray(start, end).equals(payload)),
      onPing: none,
      onPong: none,
      onClose: none,
    });
    for (let at = 0; at < bytes.length; at += 50_000) {
      decoder.feed(bytes, at, Math.min(at + 50_000, bytes.length));
    }
    expect(isSame).toBe(true);
  });
});
