import { recordRequests, recordResponses, type CodecRecorder } from './codec-recorder.ts';
import { Dice } from './dice.ts';
import { HOSTILE_FRAGMENTS, REQUEST_CORPUS, RESPONSE_CORPUS } from './fuzz-corpus.ts';

/** Something a decoder did that it must never do. */
export interface Finding {
  readonly side: 'request' | 'response';
  readonly input: Buffer;
  readonly problem: string;
}

type FuzzRecorder = CodecRecorder<{ readonly heldBytes: number }>;

/** How to make the recorder of one way; every way must come to the same outcome. */
type MakeRecorder = (way: { readonly isVaried: boolean }) => FuzzRecorder;

/** A head limit plus the step in which a cut head is copied. */
const MAXIMUM_HELD_BYTES = 32 * 1024 + 1024;
const SMALL_LIMITS = {
  startLineBytes: 24,
  headBytes: 96,
  fields: 3,
  fieldLineBytes: 32,
  bodyBytes: 8,
  chunkLineBytes: 6,
  chunkExtensionBytes: 8,
  trailerBytes: 32,
  trailerFields: 1,
};

/**
 * Makes case `index` of run `seed` and decodes it whole, cut at random and byte by byte, once with the head cache and
 * once without. Null when all is well: same outcome every way, memory bounded, nothing thrown but errors of the wire.
 */
export function fuzzCase(seed: number, index: number): Finding | null {
  const dice = new Dice(seed, index);
  const side = dice.roll(2) === 0 ? 'request' : 'response';
  const input = mutate(dice, side === 'request' ? REQUEST_CORPUS : RESPONSE_CORPUS);
  const make = side === 'request' ? requestRecorder(dice) : responseRecorder(dice);
  const problem = compareWays(dice, make, input);
  return problem === '' ? null : { side, input, problem };
}

function responseRecorder(dice: Dice): MakeRecorder {
  const limits = dice.roll(8) === 0 ? SMALL_LIMITS : {};
  const expected = dice.roll(4) === 0 ? 1 + dice.roll(2) : Infinity;
  const mode = dice.roll(8);
  return ({ isVaried }) =>
    recordResponses({
      limits,
      expected,
      headCache: !isVaried,
      framing: (head) => (head.status === 101 || mode === 0 ? 2 : mode === 1 ? 1 : 0),
    });
}

function requestRecorder(dice: Dice): MakeRecorder {
  const limits = dice.roll(8) === 0 ? SMALL_LIMITS : {};
  const mayTunnel = dice.roll(2) === 0;
  return ({ isVaried }) =>
    recordRequests({
      limits,
      headCache: !isVaried,
      oneAtATime: isVaried,
      framing: (head) => (mayTunnel && (head.upgrade || head.method === 'CONNECT') ? 2 : 0),
    });
}

function mutate(dice: Dice, corpus: readonly string[]): Buffer {
  let text = dice.pick(corpus);
  if (dice.roll(4) === 0) text += dice.pick(corpus);
  for (let left = dice.roll(5); left > 0; left -= 1) text = mutateOnce(dice, text, corpus);
  return Buffer.from(text, 'latin1');
}

function mutateOnce(dice: Dice, text: string, corpus: readonly string[]): string {
  const at = dice.roll(text.length + 1);
  const length = 1 + dice.roll(12);
  switch (dice.roll(7)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(dice.roll(256)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + dice.pick(HOSTILE_FRAGMENTS) + text.slice(at);
    case 2:
      return text.slice(0, at) + dice.pick(HOSTILE_FRAGMENTS) + text.slice(at + length);
    case 3:
      return text.slice(0, at) + text.slice(at + length);
    case 4:
      return text.slice(0, at + length) + text.slice(at);
    case 5:
      return text.slice(0, at);
    default: {
      const other = dice.pick(corpus);
      return text.slice(0, at) + other.slice(dice.roll(other.length));
    }
  }
}

function compareWays(dice: Dice, make: MakeRecorder, input: Buffer): string {
  const whole = decodeInPieces(make({ isVaried: false }), input, () => input.length);
  const ways: readonly (readonly [name: string, isVaried: boolean, pieceBytes: () => number])[] = [
    ['whole, without the head cache', true, () => input.length],
    ['cut at random', dice.roll(2) === 0, () => 1 + dice.roll(40)],
    ['byte by byte', dice.roll(2) === 0, () => 1],
  ];
  for (const [name, isVaried, pieceBytes] of ways) {
    const other = decodeInPieces(make({ isVaried }), input, pieceBytes);
    if (other !== whole) return `${name}: ${other}, but whole: ${whole}`;
  }
  return whole.startsWith('!') ? whole : '';
}

/** The outcome as text; one that begins with `!` is a finding by itself. */
function decodeInPieces(recorder: FuzzRecorder, input: Buffer, pieceBytes: () => number): string {
  try {
    for (let start = 0; start < input.length;) {
      const end = Math.min(start + pieceBytes(), input.length);
      recorder.feed(input, start, end);
      start = end;
      const { heldBytes } = recorder.decoder;
      if (heldBytes > MAXIMUM_HELD_BYTES) return `!holds ${heldBytes} bytes`;
    }
    recorder.finish();
  } catch (error) {
    return `!crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  const outcome = recorder.outcome();
  // Work is bounded by the input: every call but the end of a message stands for bytes of its own.
  if (outcome.events.length > 2 * input.length + 2) return `!${outcome.events.length} calls`;
  return JSON.stringify(outcome);
}
