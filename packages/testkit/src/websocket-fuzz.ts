import { MessageDeflate } from '@needletail/wire/websocket';
import { Dice } from './dice.ts';
import { frameBytes } from './frame-bytes.ts';
import { recordFrames } from './frame-recorder.ts';

/** Something a decoder did that it must never do. */
export interface FrameFinding {
  readonly role: 'client' | 'server';
  readonly input: Buffer;
  readonly problem: string;
}

const OPCODES: readonly number[] = [0, 0, 1, 1, 1, 2, 2, 8, 9, 10, 3, 11, 15];
const TEXTS: readonly string[] = [
  '',
  'a',
  'hello',
  '\xc3\xa9',
  '\xe2\x82\xac\xe2\x82\xac',
  '\xf0\x9f\x98\x80',
  '\xed\xa0\x80',
  '\xc0\xaf',
  '\xf4\x90\x80\x80',
  '\xe2\x82',
  '\x03\xe8bye',
  '\x03\xed',
  '\x03',
  'x'.repeat(125),
  'y'.repeat(126),
  'z'.repeat(300),
  '\xf2\x48\xcd\xc9\xc9\x07\x00',
];
const CLAIMS: readonly bigint[] = [
  0n,
  125n,
  126n,
  65_535n,
  65_536n,
  1n << 31n,
  1n << 53n,
  1n << 63n,
];
const SMALL_LIMITS = { maxMessageBytes: 200, maxFragments: 3 };
/** The largest message these limits take, and room to grow into. */
const MAXIMUM_HELD_BYTES = 1024 * 1024;
const AGREEMENT = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/**
 * Makes case `index` of run `seed`, frames that are mostly right and bytes that are not, and decodes it whole, cut at
 * random and byte by byte. Null when all is well: same outcome every way, memory bounded, nothing thrown but errors of
 * the wire.
 */
export function fuzzFrames(seed: number, index: number): FrameFinding | null {
  const dice = new Dice(seed, index);
  const role = dice.roll(2) === 0 ? 'client' : 'server';
  const input = mutate(dice, makeFrames(dice, role === 'server'));
  const limits = dice.roll(3) === 0 ? SMALL_LIMITS : { maxMessageBytes: 262_144 };
  const compressed = dice.roll(4) === 0;
  const decode = (pieceBytes: () => number): string => {
    const inflater = compressed ? { inflater: new MessageDeflate(role, AGREEMENT) } : {};
    return decodeInPieces(recordFrames({ role, limits, ...inflater }), input, pieceBytes);
  };
  const whole = decode(() => input.length);
  if (whole.startsWith('!')) return { role, input, problem: whole };
  for (const [name, pieceBytes] of [
    ['cut at random', () => 1 + dice.roll(40)],
    ['byte by byte', () => 1],
  ] as const) {
    const other = decode(pieceBytes);
    if (other !== whole) {
      return { role, input, problem: `${name}: ${other}, but whole: ${whole}` };
    }
  }
  return null;
}

/** Frames that are mostly right. */
export function makeFrames(dice: Dice, isMasked: boolean): Buffer {
  const frames: Buffer[] = [];
  for (let left = 1 + dice.roll(6); left > 0; left -= 1) {
    const isOdd = dice.roll(12) === 0;
    const key = [dice.roll(256), dice.roll(256), dice.roll(256), dice.roll(256)];
    frames.push(
      frameBytes({
        opcode: dice.pick(OPCODES),
        payload: dice.pick(TEXTS),
        isFinal: dice.roll(3) > 0,
        reserved: dice.roll(8) === 0 ? dice.roll(8) : 0,
        ...(isMasked !== isOdd ? { mask: key } : {}),
        ...(dice.roll(16) === 0 ? { lengthBytes: dice.pick([2, 8] as const) } : {}),
        ...(dice.roll(24) === 0
          ? { claimedLength: dice.pick(CLAIMS), lengthBytes: 8 as const }
          : {}),
      }),
    );
  }
  return Buffer.concat(frames);
}

/** Bytes changed and left out here and there. */
export function mutate(dice: Dice, frames: Buffer): Buffer {
  let bytes = frames;
  for (let left = dice.roll(3); left > 0 && bytes.length > 0; left -= 1) {
    const at = dice.roll(bytes.length);
    if (dice.roll(2) === 0) bytes[at] = dice.roll(256);
    else bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.roll(4))]);
  }
  return bytes;
}

/** The outcome as text; one that begins with `!` is a finding by itself. */
function decodeInPieces(
  recorder: ReturnType<typeof recordFrames>,
  input: Buffer,
  pieceBytes: () => number,
): string {
  try {
    for (let start = 0; start < input.length;) {
      const end = Math.min(start + pieceBytes(), input.length);
      // A copy of its own: the decoder takes off masks in place.
      const piece = Buffer.from(input.subarray(start, end));
      recorder.feed(piece, 0, piece.length);
      start = end;
      const { heldBytes } = recorder.decoder;
      if (heldBytes > MAXIMUM_HELD_BYTES) return `!holds ${heldBytes} bytes`;
    }
    recorder.finish();
  } catch (error) {
    return `!crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  return JSON.stringify(recorder.outcome());
}
