// Hot: runs for every frame received. Allocates nothing.
// Bytes may come one by one; a field is checked as soon as its last byte is there, so that the cut makes no difference.
// Guarded by bench/src/websocket.ts.
import { brokenFrameRule } from './errors.ts';

export const OPCODE_CONTINUATION = 0;
export const OPCODE_TEXT = 1;
export const OPCODE_BINARY = 2;
export const OPCODE_CLOSE = 8;
export const OPCODE_PING = 9;
export const OPCODE_PONG = 10;

export const FINAL_BIT = 0x80;
/** RSV1: the message is compressed (RFC 7692 §6). */
export const COMPRESSED_BIT = 0x40;
const RESERVED_BITS = 0x70;
const OPCODE_BITS = 0x0f;
const CONTROL_BIT = 0x08;
export const MASK_BIT = 0x80;
/** In place of a length: it follows in two bytes, in eight bytes. */
export const LENGTH_16 = 126;
export const LENGTH_64 = 127;
export const LONGEST_SHORT = 125;
const LONGEST_16 = 0xffff;
/** The high half of 2^53: numbers from there on are not exact. */
const TOO_HIGH = 0x20_0000;

const FIRST = 0;
const SECOND = 1;
const LENGTH = 2;
const KEY = 3;
const COMPLETE = 4;

/**
 * The header of one frame after another (RFC 6455 §5.2):
 *
 *     FIN RSV1 RSV2 RSV3 opcode(4) │ MASK length(7) │ length(0, 16 or 64) │ key(0 or 32) │ payload
 */
export class FrameHeader {
  readonly #expectsMask: boolean;
  readonly #mayCompress: boolean;
  #stage = FIRST;
  #stageLeft = 0;
  #high = 0;
  #isLong = false;
  isFinal = false;
  isCompressed = false;
  isControl = false;
  isMasked = false;
  opcode = 0;
  /** Payload bytes. */
  length = 0;
  /** The mask, its first byte in the low bits. */
  key = 0;

  constructor(expectsMask: boolean, mayCompress: boolean) {
    this.#expectsMask = expectsMask;
    this.#mayCompress = mayCompress;
  }

  get isComplete(): boolean {
    return this.#stage === COMPLETE;
  }

  get isStarted(): boolean {
    return this.#stage !== FIRST;
  }

  reset(): void {
    this.#stage = FIRST;
  }

  /** Takes what is there of a header; returns where the payload begins, or `end`. */
  feed(buffer: Buffer, start: number, end: number, delta: number, messageOpcode: number): number {
    let at = start;
    while (at < end && this.#stage !== COMPLETE) {
      const byte = buffer[at];
      if (this.#stage === FIRST) this.#takeFirst(byte, delta + at, messageOpcode);
      else if (this.#stage === SECOND) this.#takeSecond(byte, delta + at);
      else if (this.#stage === LENGTH) this.#takeLength(byte, delta + at);
      else this.#takeKey(byte);
      at += 1;
    }
    return at;
  }

  #takeFirst(byte: number, offset: number, messageOpcode: number): void {
    const opcode = byte & OPCODE_BITS;
    const isControl = (opcode & CONTROL_BIT) !== 0;
    const reserved = byte & RESERVED_BITS;
    this.isFinal = (byte & FINAL_BIT) !== 0;
    this.isCompressed = false;
    if (reserved !== 0) {
      const isMark = reserved === COMPRESSED_BIT && !isControl && opcode !== OPCODE_CONTINUATION;
      if (!isMark || !this.#mayCompress) throw brokenFrameRule('RESERVED_BITS', offset);
      this.isCompressed = true;
    }
    if (isControl ? opcode > OPCODE_PONG : opcode > OPCODE_BINARY) {
      throw brokenFrameRule('RESERVED_OPCODE', offset, `${opcode}`);
    }
    if (isControl) {
      if (!this.isFinal) throw brokenFrameRule('FRAGMENTED_CONTROL', offset);
    } else if (opcode === OPCODE_CONTINUATION) {
      if (messageOpcode === 0) throw brokenFrameRule('UNEXPECTED_CONTINUATION', offset);
    } else if (messageOpcode !== 0) {
      throw brokenFrameRule('MISSING_CONTINUATION', offset);
    }
    this.opcode = opcode;
    this.isControl = isControl;
    this.#stage = SECOND;
  }

  #takeSecond(byte: number, offset: number): void {
    this.isMasked = (byte & MASK_BIT) !== 0;
    if (this.isMasked !== this.#expectsMask) {
      throw brokenFrameRule(this.isMasked ? 'MASKED_FRAME' : 'UNMASKED_FRAME', offset);
    }
    const length = byte & ~MASK_BIT;
    if (length <= LONGEST_SHORT) {
      this.length = length;
      this.#endLength();
      return;
    }
    if (this.isControl) throw brokenFrameRule('CONTROL_TOO_LONG', offset);
    this.length = 0;
    this.#high = 0;
    this.#stageLeft = length === LENGTH_16 ? 2 : 8;
    this.#stage = LENGTH;
    this.#isLong = length === LENGTH_64;
  }

  #takeLength(byte: number, offset: number): void {
    if (this.#stageLeft > 4) this.#high = ((this.#high << 8) | byte) >>> 0;
    else this.length = ((this.length << 8) | byte) >>> 0;
    this.#stageLeft -= 1;
    if (this.#stageLeft > 0) return;
    if (this.#high >= TOO_HIGH) throw brokenFrameRule('LENGTH_TOO_LARGE', offset);
    this.length += this.#high * 0x1_0000_0000;
    if (this.length <= (this.#isLong ? LONGEST_16 : LONGEST_SHORT)) {
      throw brokenFrameRule('LENGTH_NOT_MINIMAL', offset, `${this.length}`);
    }
    this.#endLength();
  }

  #endLength(): void {
    this.key = 0;
    this.#stageLeft = 4;
    this.#stage = this.isMasked ? KEY : COMPLETE;
  }

  #takeKey(byte: number): void {
    this.key |= byte << ((4 - this.#stageLeft) << 3);
    this.#stageLeft -= 1;
    if (this.#stageLeft === 0) this.#stage = COMPLETE;
  }
}
