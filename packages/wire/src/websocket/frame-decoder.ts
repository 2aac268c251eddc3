// Hot: runs for every frame received. Allocates nothing for a message that arrives whole in one read, its text apart.
// The caller owns `buffer`; the decoder unmasks in place in it, and what the sink is given is borrowed for the call.
// Guarded by bench/src/websocket.ts.
import { isAscii as isAsciiView } from 'node:buffer';
import { CodecStateError } from '../http1/errors.ts';
import { CLOSE_NO_STATUS, isCloseCode } from './close-codes.ts';
import { brokenFrameRule, FrameLimitError } from './errors.ts';
import { FrameHeader, OPCODE_CLOSE, OPCODE_PING, OPCODE_TEXT } from './frame-header.ts';
import type { FrameSink, MessageInflater } from './frame-sink.ts';
import { CLIENT_MESSAGE_LIMITS, SERVER_MESSAGE_LIMITS, type MessageSizeLimits } from './limits.ts';
import { applyMask } from './mask.ts';
import { MessageAssembler } from './message-assembler.ts';
import { findInvalidUtf8, Utf8Validator } from './utf8-validator.ts';

/** Which side of the connection this is: a client masks what it sends, a server does not (RFC 6455 §5.1). */
export type WebSocketRole = 'client' | 'server';

const CONTROL_BYTES = 125;
/** Up to here a loop beats a view and a call. */
const SHORT_TEXT_BYTES = 48;

/**
 * Decodes the frames of one connection into whole messages, strictly. The outcome (calls, payloads, error) is the same
 * however the bytes are cut; text is refused at its first wrong byte, compressed text once it is inflated.
 *
 * Throws FrameError and FrameLimitError, and whatever the sink throws; the decoder is dead after that. Bytes behind a
 * close frame are ignored (RFC 6455 §5.5.1).
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #limits: MessageSizeLimits;
  readonly #inflater: MessageInflater | null;
  readonly #header: FrameHeader;
  readonly #assembler = new MessageAssembler();
  readonly #validator = new Utf8Validator();
  #control: Buffer | null = null;
  #isReady = true;
  #isClosed = false;
  #fedBytes = 0;
  /** Payload bytes of the current frame seen so far; -1 while its header is read. */
  #payloadAt = -1;
  /** Of the message in progress: the opcode of its first frame (0: none), and whether that had RSV1. */
  #messageOpcode = 0;
  #isCompressed = false;
  #fragments = 0;

  /** With an `inflater`, permessage-deflate was negotiated. */
  constructor(
    role: WebSocketRole,
    sink: FrameSink,
    limits: Partial<MessageSizeLimits> = {},
    inflater: MessageInflater | null = null,
  ) {
    this.#sink = sink;
    const defaults = role === 'client' ? CLIENT_MESSAGE_LIMITS : SERVER_MESSAGE_LIMITS;
    this.#limits = { ...defaults, ...limits };
    this.#inflater = inflater;
    this.#header = new FrameHeader(role === 'server', inflater !== null);
  }

  /** Whether a close frame came. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether some bytes of a frame or a message were seen and it has not ended. */
  get midMessage(): boolean {
    return this.#payloadAt !== -1 || this.#header.isStarted || this.#messageOpcode !== 0;
  }

  /** Bytes set aside for messages that have not ended. */
  get heldBytes(): number {
    return this.#assembler.bytes.length;
  }

  /** Takes the bytes `[start, end)`, all of them. Not to be called from inside the sink. */
  feed(buffer: Buffer, start: number, end: number): void {
    if (!this.#isReady) {
      throw new CodecStateError('Decoder unusable: it threw, or feed was called from inside.');
    }
    this.#isReady = false;
    const delta = this.#fedBytes - start;
    let at = start;
    while (at < end && !this.#isClosed) {
      if (this.#payloadAt === -1) {
        at = this.#header.feed(buffer, at, end, delta, this.#messageOpcode);
        if (!this.#header.isComplete) break;
        this.#begin(delta + at);
      }
      at = this.#feedPayload(buffer, at, end, delta);
    }
    this.#fedBytes = delta + end;
    this.#isReady = true;
  }

  /** A header is complete: checks that its payload may come. */
  #begin(offset: number): void {
    const header = this.#header;
    this.#payloadAt = 0;
    if (header.isControl) return;
    const { maxMessageBytes, maxFragments } = this.#limits;
    const total = this.#assembler.length + header.length;
    if (total > maxMessageBytes) {
      throw new FrameLimitError('maxMessageBytes', maxMessageBytes, total, offset);
    }
    if (header.opcode !== 0) {
      this.#messageOpcode = header.opcode;
      this.#isCompressed = header.isCompressed;
      this.#fragments = 0;
    }
    this.#fragments += 1;
    if (this.#fragments > maxFragments) {
      throw new FrameLimitError('maxFragments', maxFragments, this.#fragments, offset);
    }
  }

  #feedPayload(buffer: Buffer, start: number, end: number, delta: number): number {
    const { length, isControl, isFinal, isMasked, key } = this.#header;
    if (this.#payloadAt === 0 && length <= end - start) {
      const payloadEnd = start + length;
      if (isControl) {
        if (isMasked) applyMask(buffer, start, payloadEnd, key, 0);
        this.#endFrame();
        this.#deliverControl(buffer, start, payloadEnd, delta + start);
        return payloadEnd;
      }
      if (isFinal && this.#fragments === 1) {
        if (isMasked) applyMask(buffer, start, payloadEnd, key, 0);
        this.#endFrame();
        this.#deliverWhole(buffer, start, payloadEnd, delta + start);
        return payloadEnd;
      }
    }
    return isControl
      ? this.#feedControl(buffer, start, end, delta)
      : this.#feedFragment(buffer, start, end, delta);
  }

  #endFrame(): void {
    this.#payloadAt = -1;
    this.#header.reset();
  }

  #feedControl(buffer: Buffer, start: number, end: number, delta: number): number {
    const { length, isMasked, key } = this.#header;
    this.#control ??= Buffer.alloc(CONTROL_BYTES);
    const taken = Math.min(length - this.#payloadAt, end - start);
    buffer.copy(this.#control, this.#payloadAt, start, start + taken);
    this.#payloadAt += taken;
    const stop = start + taken;
    if (this.#payloadAt < length) return stop;
    if (isMasked) applyMask(this.#control, 0, length, key, 0);
    this.#endFrame();
    this.#deliverControl(this.#control, 0, length, delta + stop - length);
    return stop;
  }

  /** Part of a message that does not lie whole in this read. */
  #feedFragment(buffer: Buffer, start: number, end: number, delta: number): number {
    const { length, isFinal, isMasked, key } = this.#header;
    const assembler = this.#assembler;
    const left = length - this.#payloadAt;
    const taken = Math.min(left, end - start);
    const stop = start + taken;
    const from = assembler.length;
    if (taken > 0) {
      if (this.#payloadAt === 0) assembler.expect(length);
      assembler.append(buffer, start, stop, isFinal ? from + left : Infinity);
      if (isMasked) applyMask(assembler.bytes, from, from + taken, key, this.#payloadAt);
      this.#payloadAt += taken;
      if (this.#messageOpcode === OPCODE_TEXT && !this.#isCompressed) {
        const wrong = this.#validator.feed(assembler.bytes, from, from + taken);
        if (wrong !== -1) throw brokenFrameRule('INVALID_UTF8', delta + start + wrong - from);
      }
    }
    if (taken < left) return stop;
    this.#endFrame();
    if (isFinal) this.#deliverAssembled(delta + stop);
    return stop;
  }

  #deliverWhole(bytes: Buffer, start: number, end: number, offset: number): void {
    const isText = this.#messageOpcode === OPCODE_TEXT;
    this.#messageOpcode = 0;
    if (this.#isCompressed) {
      return this.#deliverInflated(bytes.subarray(start, end), isText, offset + end - start);
    }
    if (!isText) return this.#sink.onBinary(bytes, start, end, false);
    const isAscii = isAsciiText(bytes, start, end);
    if (!isAscii) {
      const wrong = findInvalidUtf8(bytes, start, end);
      if (wrong !== -1) throw brokenFrameRule('INVALID_UTF8', offset + wrong - start);
    }
    this.#sink.onText(bytes, start, end, isAscii);
  }

  #deliverAssembled(offset: number): void {
    const isText = this.#messageOpcode === OPCODE_TEXT;
    const { length } = this.#assembler;
    const bytes = this.#assembler.take();
    this.#messageOpcode = 0;
    if (this.#isCompressed) return this.#deliverInflated(bytes.subarray(0, length), isText, offset);
    if (!isText) return this.#sink.onBinary(bytes, 0, length, true);
    if (!this.#validator.isComplete) throw brokenFrameRule('INVALID_UTF8', offset);
    this.#sink.onText(bytes, 0, length, isAsciiText(bytes, 0, length));
  }

  #deliverInflated(payload: Buffer, isText: boolean, offset: number): void {
    const { maxMessageBytes } = this.#limits;
    const inflated = this.#inflater!.inflate(payload, maxMessageBytes);
    if (inflated === 'invalid') throw brokenFrameRule('INVALID_COMPRESSION', offset);
    if (inflated === 'too-large') {
      throw new FrameLimitError('maxMessageBytes', maxMessageBytes, maxMessageBytes + 1, offset);
    }
    const { length } = inflated;
    if (!isText) return this.#sink.onBinary(inflated, 0, length, true);
    const isAscii = isAsciiText(inflated, 0, length);
    if (!isAscii && findInvalidUtf8(inflated, 0, length) !== -1) {
      throw brokenFrameRule('INVALID_UTF8', offset, 'in a compressed message');
    }
    this.#sink.onText(inflated, 0, length, isAscii);
  }

  #deliverControl(bytes: Buffer, start: number, end: number, offset: number): void {
    const { opcode } = this.#header;
    if (opcode === OPCODE_PING) return this.#sink.onPing(bytes, start, end);
    if (opcode !== OPCODE_CLOSE) return this.#sink.onPong(bytes, start, end);
    this.#isClosed = true;
    this.#assembler.clear();
    if (start === end) return this.#sink.onClose(CLOSE_NO_STATUS, '');
    if (end - start === 1) throw brokenFrameRule('INVALID_CLOSE_PAYLOAD', offset);
    const code = bytes.readUInt16BE(start);
    if (!isCloseCode(code)) throw brokenFrameRule('INVALID_CLOSE_CODE', offset, `${code}`);
    const wrong = findInvalidUtf8(bytes, start + 2, end);
    if (wrong !== -1) throw brokenFrameRule('INVALID_UTF8', offset + wrong - start);
    this.#sink.onClose(code, bytes.toString('utf8', start + 2, end));
  }
}

function isAsciiText(bytes: Buffer, start: number, end: number): boolean {
  if (end - start > SHORT_TEXT_BYTES) return isAsciiView(bytes.subarray(start, end));
  let seen = 0;
  for (let at = start; at < end; at += 1) seen |= bytes[at];
  return seen < 0x80;
}
