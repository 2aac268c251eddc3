// Hot: runs for every frame sent. A small frame allocates nothing: it is written behind the one before, into one buffer
// that leaves in one write. A large payload is copied once by a client, which must mask it, and not at all by a server.
// The caller leaves a `Uint8Array` it gave unchanged until the link has sent it. Guarded by bench/src/websocket.ts.
import { CLOSE_NO_STATUS, isCloseCode } from './close-codes.ts';
import { FrameEncodeError } from './errors.ts';
import type { WebSocketRole } from './frame-decoder.ts';
import {
  COMPRESSED_BIT,
  FINAL_BIT,
  LENGTH_16,
  LENGTH_64,
  LONGEST_SHORT,
  MASK_BIT,
  OPCODE_BINARY,
  OPCODE_CLOSE,
  OPCODE_CONTINUATION,
  OPCODE_PING,
  OPCODE_PONG,
  OPCODE_TEXT,
} from './frame-header.ts';
import { FrameSlab } from './frame-slab.ts';
import { applyMask, freshMaskKey } from './mask.ts';

/** What a batch of frames is written to: a `Link`, or a list in a test. */
export interface FrameTarget {
  write(data: Uint8Array): boolean;
  writeAll(pieces: readonly Uint8Array[]): boolean;
}

/** What compresses messages: see `MessageDeflate`. */
export interface MessageDeflater {
  /** The compressed payload, or null when the message had better go as it is. */
  deflate(payload: Uint8Array): Buffer | null;
}

/** Payloads from here on get a buffer of their own, or are sent from where they are. */
const LARGE_BYTES = 8192;
/** Up to here several pieces are joined to one before they are written. */
const JOINED_BYTES = 16_384;
/** A string so short that it fits the shortest header however its characters encode (3 bytes each at most). */
const SHORT_TEXT = 41;
const LONGEST_16 = 0xffff;
const EMPTY = new Uint8Array(0);

/** Eight-byte aligned and past the longest header, so that the mask works on whole words. */
const LARGE_PAYLOAD_AT = 16;

const slab = new FrameSlab();

/**
 * Encodes the frames of one connection and keeps them until `flush`, so that what is sent in one turn of the event loop
 * costs one write. Knows nothing of time: the owner decides when to flush.
 */
export class FrameEncoder {
  readonly #isClient: boolean;
  readonly #deflater: MessageDeflater | null;
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Where this connection's own bytes begin in the slab; they end where its free space begins. */
  #slabStart = 0;
  /** The buffer that the current frame lies in. */
  #target: Buffer = slab.bytes;
  #key = 0;
  #isClosed = false;

  /** With a `deflater`, permessage-deflate was negotiated. */
  constructor(role: WebSocketRole, deflater: MessageDeflater | null = null) {
    this.#isClient = role === 'client';
    this.#deflater = deflater;
  }

  /** Bytes encoded and not flushed. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Whether a close frame was encoded: only `flush` has a meaning then. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Lone surrogates become U+FFFD, as in TextEncoder. */
  text(text: string): void {
    if (this.#deflater !== null) return this.#message(OPCODE_TEXT, Buffer.from(text, 'utf8'));
    if (text.length <= SHORT_TEXT && this.#shortText(text)) return;
    const byteLength = Buffer.byteLength(text);
    const at = this.#open(FINAL_BIT | OPCODE_TEXT, byteLength);
    // As many bytes as characters: it is ASCII, which needs no encoder.
    this.#target.write(text, at, byteLength, byteLength === text.length ? 'latin1' : 'utf8');
    if (this.#isClient) applyMask(this.#target, at, at + byteLength, this.#key, 0);
  }

  binary(payload: Uint8Array): void {
    this.#message(OPCODE_BINARY, payload);
  }

  /** Bytes that the caller knows to be UTF-8, such as `onText` hands over. */
  textBytes(payload: Uint8Array): void {
    this.#message(OPCODE_TEXT, payload);
  }

  /** One frame of a message in several; never compressed. */
  fragment(kind: 'text' | 'binary' | 'continuation', payload: Uint8Array, isFinal: boolean): void {
    const opcode =
      kind === 'text' ? OPCODE_TEXT : kind === 'binary' ? OPCODE_BINARY : OPCODE_CONTINUATION;
    this.#frame((isFinal ? FINAL_BIT : 0) | opcode, payload);
  }

  /** Throws CONTROL_TOO_LONG past 125 bytes, as `pong` does (RFC 6455 §5.5). */
  ping(payload: Uint8Array = EMPTY): void {
    this.#frame(FINAL_BIT | OPCODE_PING, checkedControl(payload));
  }

  pong(payload: Uint8Array = EMPTY): void {
    this.#frame(FINAL_BIT | OPCODE_PONG, checkedControl(payload));
  }

  /**
   * The last frame; 1005 sends one without a code. Throws INVALID_CLOSE_CODE for a code that is not for the wire and
   * CONTROL_TOO_LONG for a reason over 123 bytes.
   */
  close(code: number = CLOSE_NO_STATUS, reason = ''): void {
    this.#frame(FINAL_BIT | OPCODE_CLOSE, checkedControl(closePayload(code, reason)));
    this.#isClosed = true;
  }

  /** A whole frame that another encoder of the same role made: one for many connections is encoded once. Not copied. */
  encoded(frame: Uint8Array): void {
    this.#refuseAfterClose();
    slab.release(this);
    this.#pieces.push(frame);
    this.#pendingBytes += frame.length;
  }

  /** Hands all that is pending to `target`, in one write where it is in one piece; true without anything to write. */
  flush(target: FrameTarget): boolean {
    slab.release(this);
    const pieces = this.#pieces;
    const pendingBytes = this.#pendingBytes;
    this.#pendingBytes = 0;
    if (pieces.length === 0) return true;
    this.#pieces = [];
    if (pieces.length === 1) return target.write(pieces[0]);
    // Copying so little costs less than a write of several pieces.
    if (pendingBytes <= JOINED_BYTES) return target.write(Buffer.concat(pieces, pendingBytes));
    return target.writeAll(pieces);
  }

  /** Forgets what is pending: the connection is gone. */
  discard(): void {
    slab.release(this);
    this.#pieces = [];
    this.#pendingBytes = 0;
  }

  /** Called by the slab only. */
  seal(): void {
    const { bytes, used } = slab;
    if (used > this.#slabStart) this.#pieces.push(bytes.subarray(this.#slabStart, used));
    this.#slabStart = used;
  }

  #message(opcode: number, payload: Uint8Array): void {
    const deflated = this.#deflater?.deflate(payload) ?? null;
    if (deflated === null) this.#frame(FINAL_BIT | opcode, payload);
    else this.#frame(FINAL_BIT | COMPRESSED_BIT | opcode, deflated);
  }

  #frame(first: number, payload: Uint8Array): void {
    const { length } = payload;
    if (!this.#isClient && length >= LARGE_BYTES) {
      this.#openInSlab(first, length, 0);
      slab.release(this);
      this.#pieces.push(payload);
      this.#pendingBytes += length;
      return;
    }
    const at = this.#open(first, length);
    this.#target.set(payload, at);
    if (this.#isClient) applyMask(this.#target, at, at + length, this.#key, 0);
  }

  /** Writes and masks in one go; false, with nothing done, for text that is not ASCII. */
  #shortText(text: string): boolean {
    const { length } = text;
    const at = this.#open(FINAL_BIT | OPCODE_TEXT, length);
    const target = this.#target;
    const key = this.#isClient ? this.#key : 0;
    let seen = 0;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      seen |= code;
      target[at + index] = code ^ (key >>> ((index & 3) << 3));
    }
    if (seen < 0x80) return true;
    const frameBytes = length + (this.#isClient ? 6 : 2);
    slab.giveBack(frameBytes);
    this.#pendingBytes -= frameBytes;
    return false;
  }

  /** Writes a header; returns where in `#target` the payload goes. */
  #open(first: number, length: number): number {
    if (length < LARGE_BYTES) return this.#openInSlab(first, length, length);
    this.#refuseAfterClose();
    slab.release(this);
    const headerBytes = this.#headerBytes(length);
    this.#target = Buffer.allocUnsafeSlow(LARGE_PAYLOAD_AT + length);
    this.#pieces.push(this.#target.subarray(LARGE_PAYLOAD_AT - headerBytes));
    this.#pendingBytes += headerBytes + length;
    this.#writeHeader(LARGE_PAYLOAD_AT - headerBytes, first, length);
    return LARGE_PAYLOAD_AT;
  }

  #openInSlab(first: number, length: number, roomBytes: number): number {
    this.#refuseAfterClose();
    const frameBytes = this.#headerBytes(length) + roomBytes;
    let at = slab.take(this, frameBytes);
    if (at === -1) {
      slab.claim(this, frameBytes);
      this.#slabStart = slab.used;
      at = slab.take(this, frameBytes);
    }
    this.#target = slab.bytes;
    this.#pendingBytes += frameBytes;
    return this.#writeHeader(at, first, length);
  }

  #headerBytes(length: number): number {
    const keyBytes = this.#isClient ? 4 : 0;
    return (length <= LONGEST_SHORT ? 2 : length <= LONGEST_16 ? 4 : 10) + keyBytes;
  }

  #writeHeader(start: number, first: number, length: number): number {
    const target = this.#target;
    const mask = this.#isClient ? MASK_BIT : 0;
    let at = start + 2;
    target[start] = first;
    if (length <= LONGEST_SHORT) {
      target[start + 1] = mask | length;
    } else if (length <= LONGEST_16) {
      target[start + 1] = mask | LENGTH_16;
      target[at] = length >>> 8;
      target[at + 1] = length;
      at += 2;
    } else {
      target[start + 1] = mask | LENGTH_64;
      target.writeUInt32BE(Math.floor(length / 0x1_0000_0000), at);
      target.writeUInt32BE(length >>> 0, at + 4);
      at += 8;
    }
    if (!this.#isClient) return at;
    const key = freshMaskKey();
    this.#key = key;
    target[at] = key;
    target[at + 1] = key >>> 8;
    target[at + 2] = key >>> 16;
    target[at + 3] = key >>> 24;
    return at + 4;
  }

  #refuseAfterClose(): void {
    if (!this.#isClosed) return;
    throw new FrameEncodeError(
      'CLOSE_SENT',
      'Frame not sent: a close frame was sent before (RFC 6455 §5.5.1). Send before closing.',
    );
  }
}

function checkedControl(payload: Uint8Array): Uint8Array {
  if (payload.length <= LONGEST_SHORT) return payload;
  throw new FrameEncodeError(
    'CONTROL_TOO_LONG',
    `Frame not sent: its payload is ${payload.length} bytes, at most 125 fit a control frame ` +
      '(RFC 6455 §5.5). Shorten it.',
  );
}

function closePayload(code: number, reason: string): Uint8Array {
  if (code === CLOSE_NO_STATUS && reason === '') return EMPTY;
  if (!isCloseCode(code)) {
    throw new FrameEncodeError(
      'INVALID_CLOSE_CODE',
      `Close not sent: ${code} is no code for the wire (RFC 6455 §7.4). Use 1000, or 3000 to 4999.`,
    );
  }
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}
