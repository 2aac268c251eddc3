import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { frameBytes } from '@needletail/testkit/frame-bytes';
import { recordFrames } from '@needletail/testkit/frame-recorder';
import { feedEveryWay } from '@needletail/testkit/feeding';
import type { CodecOutcome } from '@needletail/testkit/codec-recorder';
import { describe, expect, it } from 'vitest';
import {
  chooseDeflate,
  offerDeflate,
  readDeflateAnswer,
  type DeflateAgreement,
} from './deflate-negotiation.ts';
import { parseExtensions } from './extension-list.ts';
import { FrameEncoder } from './frame-encoder.ts';
import { MessageDeflate } from './message-deflate.ts';

const FRESH: DeflateAgreement = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const KEPT: DeflateAgreement = {
  ...FRESH,
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
};
const ALWAYS = { thresholdBytes: 0 };

/** Frames with RSV1, received by a client. */
function decode(
  frames: Parameters<typeof frameBytes>[0][],
  maxMessageBytes = 1_000_000,
): CodecOutcome {
  const bytes = Buffer.concat(frames.map(frameBytes));
  return feedEveryWay(
    () =>
      recordFrames({ limits: { maxMessageBytes }, inflater: new MessageDeflate('client', FRESH) }),
    bytes,
    40,
  ) as CodecOutcome;
}

describe('permessage-deflate', () => {
  it('reads the examples of RFC 7692 §7.2.3', () => {
    const hello = Buffer.from('f248cdc9c90700', 'hex');
    expect(decode([{ opcode: 1, reserved: 4, payload: hello }]).events).toEqual(['text "Hello"']);
    const fragments = [
      { opcode: 1, reserved: 4, payload: hello.subarray(0, 3), isFinal: false },
      { opcode: 9 },
      { opcode: 0, payload: hello.subarray(3) },
    ];
    expect(decode(fragments).events).toEqual(['ping ""', 'text "Hello"']);
    const stored = Buffer.from('000500faff48656c6c6f00', 'hex');
    expect(decode([{ opcode: 1, reserved: 4, payload: stored }]).events).toEqual(['text "Hello"']);
    const final = Buffer.from('f348cdc9c9070000', 'hex');
    expect(decode([{ opcode: 1, reserved: 4, payload: final }]).events).toEqual(['text "Hello"']);
    const blocks = Buffer.from('f248050000 00ffffcac9c90700'.replace(' ', ''), 'hex');
    expect(decode([{ opcode: 1, reserved: 4, payload: blocks }]).events).toEqual(['text "Hello"']);
    expect(decode([{ opcode: 2, reserved: 4, payload: Buffer.from([0]) }]).events).toEqual([
      'binary ""',
    ]);
  });

  it('lets messages through that are not compressed', () => {
    expect(decode([{ opcode: 1, payload: 'plain' }]).events).toEqual(['text "plain"']);
  });

  it('refuses RSV1 on a continuation and on control frames', () => {
    const first = { opcode: 1, reserved: 4, payload: 'x', isFinal: false };
    expect(decode([first, { opcode: 0, reserved: 4 }]).error).toMatch(/^RESERVED_BITS@3/);
    expect(decode([{ opcode: 9, reserved: 4 }]).error).toMatch(/^RESERVED_BITS@0/);
  });

  it('refuses what is no deflate stream, and text that is not UTF-8 once inflated', () => {
    expect(decode([{ opcode: 2, reserved: 4, payload: '\xff\xff\xff' }]).error).toMatch(
      /^INVALID_COMPRESSION@5 closes with 1007/,
    );
    const payload = deflateRawSync(Buffer.from([0xc3, 0x28]));
    expect(decode([{ opcode: 1, reserved: 4, payload }]).error).toMatch(
      /^INVALID_UTF8@\d+ closes with 1007/,
    );
  });

  it('stops inflating at the limit: a bomb costs no more than that', () => {
    const payload = deflateRawSync(Buffer.alloc(50_000_000));
    expect(payload.length).toBeLessThan(50_000);
    const outcome = decode([{ opcode: 2, reserved: 4, payload }]);
    expect(outcome.error).toMatch(/closes with 1009 maxMessageBytes 1000001\/1000000$/);
    const exact = deflateRawSync(Buffer.alloc(1_000_000));
    expect(decode([{ opcode: 2, reserved: 4, payload: exact }]).error).toBe('');
  });

  it.each([
    ['fresh contexts', FRESH],
    ['contexts taken over', KEPT],
    ['small windows', { ...KEPT, serverMaxWindowBits: 9, clientMaxWindowBits: 10 }],
  ])('carries messages both ways with %s', (_what, agreement) => {
    const client = new MessageDeflate('client', agreement, ALWAYS);
    const server = new MessageDeflate('server', agreement, ALWAYS);
    const noise = randomBytes(3000).toString('hex');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      for (const length of [10, 500, 40_000, 700, 100_000, 12]) {
        const message = Buffer.from(`${noise}${'abc'.repeat(length)}`);
        const deflated = from.deflate(message);
        expect(deflated).not.toBeNull();
        const inflated = to.inflate(deflated!, 1_000_000);
        expect(Buffer.isBuffer(inflated) && inflated.equals(message)).toBe(true);
      }
    }
  });

  it('makes a repeated message smaller with the context of the first', () => {
    const message = Buffer.from(randomBytes(2000).toString('hex'));
    const kept = new MessageDeflate('client', KEPT);
    const first = kept.deflate(message)!.length;
    expect(kept.deflate(message)!.length).toBeLessThan(first / 20);
    const fresh = new MessageDeflate('client', FRESH);
    expect(fresh.deflate(message)!.length).toBe(first);
    expect(fresh.deflate(message)!.length).toBe(first);
  });

  it('sends as it is what is small, or does not shrink, or has a window too small for zlib', () => {
    const text = Buffer.alloc(5000, 'abc');
    expect(new MessageDeflate('client', FRESH).deflate(text.subarray(0, 1023))).toBeNull();
    expect(new MessageDeflate('client', KEPT).deflate(randomBytes(5000))).toBeNull();
    expect(
      new MessageDeflate('client', { ...FRESH, clientMaxWindowBits: 8 }).deflate(text),
    ).toBeNull();
  });

  it('marks only the messages it compressed', () => {
    const encoder = new FrameEncoder('server', new MessageDeflate('server', FRESH));
    const sent: Uint8Array[] = [];
    encoder.text('short');
    encoder.text('x'.repeat(2000));
    encoder.flush({
      write: (data) => sent.push(data) > 0,
      writeAll: (pieces) => sent.push(...pieces) > 0,
    });
    const bytes = Buffer.concat(sent);
    expect(bytes[0]).toBe(0x81);
    expect(bytes[7]).toBe(0xc1);
    const recorder = recordFrames({ inflater: new MessageDeflate('client', FRESH) });
    recorder.feed(bytes, 0, bytes.length);
    expect(recorder.outcome().events).toEqual(['text "short"', `text "${'x'.repeat(2000)}"`]);
  });
});

describe('negotiation of permessage-deflate', () => {
  const choose = (offer: string, wishes = {}): string | null =>
    chooseDeflate(parseExtensions([offer])!, wishes)?.answer ?? null;
  const fresh = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

  it.each([
    ['permessage-deflate', fresh],
    ['x-unknown, permessage-deflate', fresh],
    ['permessage-deflate; client_max_window_bits', fresh],
    ['permessage-deflate; server_max_window_bits=10', `${fresh}; server_max_window_bits=10`],
    ['permessage-deflate; client_max_window_bits="9"', `${fresh}; client_max_window_bits=9`],
    ['permessage-deflate; server_max_window_bits=7, permessage-deflate', fresh],
    ['permessage-deflate; server_max_window_bits', null],
    ['permessage-deflate; server_max_window_bits=16', null],
    ['permessage-deflate; server_max_window_bits=010', null],
    ['permessage-deflate; client_max_window_bits=x', null],
    ['permessage-deflate; server_no_context_takeover=1', null],
    ['permessage-deflate; server_no_context_takeover; server_no_context_takeover', null],
    ['permessage-deflate; unknown', null],
    ['x-unknown', null],
  ])('a server answers %s with %s', (offer, expected) => {
    expect(choose(offer)).toBe(expected);
  });

  it('keeps contexts where both sides want them', () => {
    expect(choose(offerDeflate({ contextTakeover: true }), { contextTakeover: true })).toBe(
      'permessage-deflate',
    );
    expect(choose(offerDeflate({}), { contextTakeover: true })).toBe(fresh);
  });

  it('agrees on windows', () => {
    const answered = chooseDeflate(parseExtensions([offerDeflate({ maxWindowBits: 10 })])!)!;
    expect(answered.agreement).toMatchObject({ serverMaxWindowBits: 10, clientMaxWindowBits: 10 });
    const read = readDeflateAnswer(parseExtensions([answered.answer])![0]!, { maxWindowBits: 10 });
    expect(read).toEqual(answered.agreement);
    const tooLarge = parseExtensions([`${fresh}; server_max_window_bits=12`])![0]!;
    expect(readDeflateAnswer(tooLarge, { maxWindowBits: 10 })).toBeNull();
  });
});

describe('parseExtensions', () => {
  it.each([
    '',
    ';',
    'a;',
    'a b',
    'a;b=',
    'a;b="',
    'a;b="x y"',
    'a,',
    ',a',
    'a;b=c=d',
    'é',
    'a;'.repeat(40),
  ])('refuses %j', (text) => {
    expect(parseExtensions([text])).toBeNull();
  });

  it('reads lists over several lines', () => {
    expect(parseExtensions(['a ; b = "c" , d', 'e;f'])).toEqual([
      { name: 'a', parameters: [['b', 'c']] },
      { name: 'd', parameters: [] },
      { name: 'e', parameters: [['f', true]] },
    ]);
    expect(parseExtensions([])).toEqual([]);
  });
});
