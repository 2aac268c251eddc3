/** A decoder under test and a record of what it did. */
export interface Recorder {
  /** Bytes `[start, end)` of a buffer that is overwritten after the call. */
  feed(buffer: Buffer, start: number, end: number): void;
  /** The peer closed. */
  finish(): void;
  /** What has happened so far as plain data: calls, joined payload, error. It must not tell how the bytes were cut. */
  outcome(): unknown;
}

/** One way to cut bytes: the positions after which a new piece begins, in rising order. */
interface Cutting {
  readonly name: string;
  readonly cuts: readonly number[];
}

/** What is around the fed range and what borrowed views turn into: bytes that no valid message consists of. */
const NOISE = 0x00;
const MARGIN_BYTES = 7;
const RANDOM_CUTTINGS = 4;

/**
 * Feeds `bytes` to fresh recorders whole, cut in two at every boundary, one byte at a time, and cut at random, and
 * returns the one outcome they share. Throws when two ways differ.
 *
 * Each piece lies in a buffer between bytes that do not belong to it, and the buffer is overwritten after each call, as
 * a read buffer is: a decoder that reads past its range or keeps a view of it gives another outcome. `cutLimit` bounds
 * how many boundaries are tried for a long input.
 */
export function feedEveryWay(
  makeRecorder: () => Recorder,
  bytes: Uint8Array,
  cutLimit = 400,
): unknown {
  const whole = feedInPieces(makeRecorder(), bytes, []);
  const expected = JSON.stringify(whole);
  for (const { name, cuts } of cuttings(bytes.length, cutLimit)) {
    const actual = JSON.stringify(feedInPieces(makeRecorder(), bytes, cuts));
    if (actual !== expected) {
      throw new Error(
        `Outcome depends on the cut: ${name} gave ${actual}, whole gave ${expected} ` +
          `(input ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}). Make the decoder resume where it stopped.`,
      );
    }
  }
  return whole;
}

/** Feeds `bytes` cut at the given positions, then closes, and returns the outcome. */
export function feedInPieces(
  recorder: Recorder,
  bytes: Uint8Array,
  cuts: readonly number[],
): unknown {
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    const end = Math.min(cut, bytes.length);
    if (end <= start) continue;
    const buffer = Buffer.alloc(end - start + 2 * MARGIN_BYTES, NOISE);
    buffer.set(bytes.subarray(start, end), MARGIN_BYTES);
    recorder.feed(buffer, MARGIN_BYTES, MARGIN_BYTES + end - start);
    buffer.fill(NOISE);
    start = end;
  }
  recorder.finish();
  return recorder.outcome();
}

function* cuttings(length: number, cutLimit: number): Generator<Cutting> {
  const step = Math.max(1, Math.ceil(length / cutLimit));
  for (let cut = 1; cut < length; cut += step) yield { name: `cut at ${cut}`, cuts: [cut] };
  yield { name: 'byte by byte', cuts: Array.from({ length }, (_, index) => index + 1) };
  let state = length + 1;
  for (let round = 0; round < RANDOM_CUTTINGS; round += 1) {
    const cuts: number[] = [];
    for (let at = 0; at < length;) {
      // A linear congruential generator: the cuts need variety, and must be the same in every run.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      at += 1 + ((state >>> 16) % 23);
      cuts.push(at);
    }
    yield { name: `cut at ${cuts.join(',')}`, cuts };
  }
}
