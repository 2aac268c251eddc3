// Hot. Allocates nothing per call, except for the error it throws.
// The caller keeps `[origin, end)` the bytes of one block, moves `origin` only together with them, and passes as `from`
// exactly where the previous call ended. Guarded by bench/src/codec.ts.
import { TOKEN_BYTES } from '../bytes/byte-classes.ts';
import { skipMembers, skipValue } from '../bytes/skip.ts';
import { brokenRule, LimitError } from './errors.ts';
import type { LimitName } from './limits.ts';

const COLON = 0x3a;
const CR = 0x0d;
const HTAB = 0x09;
const LF = 0x0a;
const SP = 0x20;

/** Answer of a scanner that has used all bytes and wants more of the same block. */
export const NEED_MORE = -1;

/** Reads the first line of a head, over as many calls as it takes; returns the position after its LF, or NEED_MORE. */
export interface StartLine {
  begin(): void;
  scan(buffer: Buffer, origin: number, from: number, end: number, delta: number): number;
}

/** Is told of each complete field line; the value range still carries its optional whitespace. */
export interface FieldListener {
  onField(
    buffer: Buffer,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    delta: number,
  ): void;
}

/** Which limits a block is under, and under which names an error reports them. */
export interface BlockLimits {
  readonly blockBytes: number;
  readonly blockName: LimitName;
  readonly lineBytes: number;
  readonly fields: number;
  readonly fieldsName: LimitName;
}

const START_LINE = 0;
const LINE_START = 1;
const NAME = 2;
const FIELD_VALUE = 3;
const LINE_END = 4;
const BLOCK_END = 5;

/**
 * Reads a block of field lines (a head after its start line, or trailers) byte by byte and resumes anywhere, so that
 * what it reports depends on the bytes alone and never on how they were cut.
 *
 *   start line ─▶ line start ─▶ name ─:─▶ value ─CR─▶ line end ─LF─┐
 *                  ▲   └─CR─▶ block end ─LF─▶ done                 │
 *                  └───────────────────────────────────────────────┘
 *
 * Positions are kept relative to the block; `delta` turns a position in `buffer` into an offset in the connection.
 */
export class FieldScanner {
  readonly #startLine: StartLine | null;
  readonly #listener: FieldListener;
  readonly #limits: BlockLimits;
  #state = START_LINE;
  #lineStart = 0;
  #nameEnd = 0;
  #fields = 0;

  constructor(startLine: StartLine | null, listener: FieldListener, limits: BlockLimits) {
    this.#startLine = startLine;
    this.#listener = listener;
    this.#limits = limits;
  }

  /** Forgets the previous block. */
  begin(): void {
    this.#state = this.#startLine === null ? LINE_START : START_LINE;
    this.#startLine?.begin();
    this.#fields = 0;
  }

  /** Scans `[from, end)`; returns the position after the empty line that ends the block, or NEED_MORE. */
  scan(buffer: Buffer, origin: number, from: number, end: number, delta: number): number {
    const { blockBytes, lineBytes } = this.#limits;
    const stop = end - origin > blockBytes ? origin + blockBytes : end;
    let at = from;
    if (this.#state === START_LINE) {
      at = (this.#startLine as StartLine).scan(buffer, origin, from, stop, delta);
      if (at === NEED_MORE) return this.#pause(START_LINE, stop, end, delta);
      this.#state = LINE_START;
    }
    let state = this.#state;
    let lineStart = origin + this.#lineStart;
    let nameEnd = origin + this.#nameEnd;
    while (at < stop) {
      if (state === LINE_START) {
        const byte = buffer[at];
        if (byte === CR) {
          state = BLOCK_END;
          at += 1;
          continue;
        }
        if (TOKEN_BYTES[byte] === 0) throw badLineStart(byte, delta + at);
        this.#countField(delta + at);
        lineStart = at;
        state = NAME;
        at += 1;
      }
      const lineStop = stop - lineStart > lineBytes ? lineStart + lineBytes : stop;
      if (state === NAME) {
        at = skipMembers(buffer, at, lineStop, TOKEN_BYTES);
        if (at === stop) break;
        if (at === lineStop) throw this.#lineTooLong(delta + at);
        if (buffer[at] !== COLON) throw badName(buffer[at], delta + at);
        nameEnd = at;
        state = FIELD_VALUE;
        at += 1;
      }
      if (state === FIELD_VALUE) {
        at = skipValue(buffer, at, lineStop);
        if (at === stop) break;
        if (buffer[at] !== CR) {
          throw at === lineStop ? this.#lineTooLong(delta + at) : badValue(buffer[at], delta + at);
        }
        state = LINE_END;
        at += 1;
        if (at === stop) break;
      }
      if (buffer[at] !== LF) throw brokenRule('BARE_CR', delta + at - 1);
      at += 1;
      if (state === BLOCK_END) return at;
      this.#listener.onField(buffer, lineStart, nameEnd, nameEnd + 1, at - 2, delta);
      state = LINE_START;
    }
    this.#lineStart = lineStart - origin;
    this.#nameEnd = nameEnd - origin;
    return this.#pause(state, stop, end, delta);
  }

  #pause(state: number, stop: number, end: number, delta: number): number {
    if (stop < end) {
      const { blockName, blockBytes } = this.#limits;
      throw new LimitError(blockName, blockBytes, blockBytes + 1, delta + stop);
    }
    this.#state = state;
    return NEED_MORE;
  }

  #countField(offset: number): void {
    const { fields, fieldsName } = this.#limits;
    this.#fields += 1;
    if (this.#fields > fields) throw new LimitError(fieldsName, fields, this.#fields, offset);
  }

  #lineTooLong(offset: number): LimitError {
    const { lineBytes } = this.#limits;
    return new LimitError('fieldLineBytes', lineBytes, lineBytes + 1, offset);
  }
}

function badLineStart(byte: number, offset: number): Error {
  if (byte === SP || byte === HTAB) return brokenRule('OBSOLETE_FOLDING', offset);
  if (byte === LF) return brokenRule('BARE_LF', offset);
  return brokenRule('INVALID_FIELD_NAME', offset, byte);
}

function badName(byte: number, offset: number): Error {
  if (byte === SP || byte === HTAB) return brokenRule('SPACE_BEFORE_COLON', offset);
  return brokenRule('INVALID_FIELD_NAME', offset, byte);
}

function badValue(byte: number, offset: number): Error {
  if (byte === LF) return brokenRule('BARE_LF', offset);
  return brokenRule('INVALID_FIELD_VALUE', offset, byte);
}
