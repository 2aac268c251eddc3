// Hot for chunked bodies. Allocates nothing per call and nothing per chunk; trailers cost one string.
// The views it hands out are borrowed: valid during the call only. Guarded by bench/src/codec.ts.
import { HEX_VALUES } from '../bytes/byte-classes.ts';
import type { BlockCarry } from './block-carry.ts';
import { ChunkExtension } from './chunk-extension.ts';
import { brokenRule, LimitError } from './errors.ts';
import { FieldScanner, NEED_MORE } from './field-scanner.ts';
import { CHUNK_SIZE_DIGITS, type MessageLimits } from './limits.ts';
import { keepTrailers, trailerListener } from './trailer-section.ts';

const CR = 0x0d;
const LF = 0x0a;
/** What HEX_VALUES holds for other bytes. */
const NOT_HEX = 255;
const SEMICOLON = 0x3b;

/** Where the payload of a message goes, free of framing. */
export interface BodySink {
  /** Payload bytes `[start, end)`: a borrowed view, never empty, overwritten after the call returns. */
  onBody(buffer: Buffer, start: number, end: number): void;
  /** Trailer lines as received, joined by CRLF; framing and routing fields are left out, and so is an empty section. */
  onTrailers?(rawTrailers: string): void;
}

const DONE = 0;
const SIZED = 1;
const UNTIL_CLOSE = 2;
const CHUNK_SIZE = 3;
const CHUNK_EXTENSION = 4;
const CHUNK_LINE_END = 5;
const CHUNK_DATA = 6;
const CHUNK_DATA_CR = 7;
const CHUNK_DATA_LF = 8;
const TRAILERS_START = 9;
const TRAILERS = 10;
const FINAL_LF = 11;

/**
 * Finds the end of a body and hands out what is in it (RFC 9112 §6 and §7).
 *
 *   size ─;─▶ extension ─CR─▶ line end ─LF─▶ data ─▶ CR ─▶ LF ─┐      size 0 ─▶ trailers ─▶ done
 *    ▲ └────────CR───────────────▲                             │
 *    └─────────────────────────────────────────────────────────┘
 */
export class BodyDecoder {
  readonly #sink: BodySink;
  readonly #limits: MessageLimits;
  readonly #carry: BlockCarry;
  readonly #extension = new ChunkExtension();
  #trailers: FieldScanner | null = null;
  #state = DONE;
  /** Bytes left of a sized body or of a chunk; while a size line is read, its value so far. */
  #remaining = 0;
  #received = 0;
  #digits = 0;
  #lineBytes = 0;
  #extensionBytes = 0;
  #trailerOffset = 0;

  constructor(sink: BodySink, limits: MessageLimits, carry: BlockCarry) {
    this.#sink = sink;
    this.#limits = limits;
    this.#carry = carry;
  }

  get done(): boolean {
    return this.#state === DONE;
  }

  /** Whether the end of the connection is the end of this body. */
  get endsAtClose(): boolean {
    return this.#state === UNTIL_CLOSE;
  }

  beginSized(contentLength: number, offset: number): void {
    this.#checkSize(contentLength, offset);
    this.#remaining = contentLength;
    this.#state = contentLength === 0 ? DONE : SIZED;
  }

  beginChunked(): void {
    this.#received = 0;
    this.#extensionBytes = 0;
    this.#beginChunk();
  }

  beginUntilClose(): void {
    this.#received = 0;
    this.#state = UNTIL_CLOSE;
  }

  /** Leaves whatever was under way. */
  reset(): void {
    this.#state = DONE;
  }

  /** Uses bytes of the body; returns the position after the last one used, which is `end` unless the body is done. */
  feed(buffer: Buffer, start: number, end: number, delta: number): number {
    if (this.#state === SIZED) return this.#feedSized(buffer, start, end);
    if (this.#state === UNTIL_CLOSE) return this.#feedUntilClose(buffer, start, end, delta);
    return this.#feedChunked(buffer, start, end, delta);
  }

  #feedSized(buffer: Buffer, start: number, end: number): number {
    const stop = end - start < this.#remaining ? end : start + this.#remaining;
    this.#remaining -= stop - start;
    if (this.#remaining === 0) this.#state = DONE;
    this.#sink.onBody(buffer, start, stop);
    return stop;
  }

  #feedUntilClose(buffer: Buffer, start: number, end: number, delta: number): number {
    const room = this.#limits.bodyBytes - this.#received;
    const stop = end - start < room ? end : start + room;
    this.#received += stop - start;
    if (stop > start) this.#sink.onBody(buffer, start, stop);
    if (stop < end) this.#checkSize(this.#received + 1, delta + stop);
    return end;
  }

  #feedChunked(buffer: Buffer, start: number, end: number, delta: number): number {
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case CHUNK_SIZE:
          at = this.#scanSize(buffer, at, end, delta);
          break;
        case CHUNK_EXTENSION:
          at = this.#scanExtension(buffer, at, end, delta);
          break;
        case CHUNK_LINE_END:
          if (buffer[at] !== LF) throw brokenRule('BARE_CR', delta + at - 1);
          at += 1;
          this.#beginData(delta + at);
          break;
        case CHUNK_DATA:
          at = this.#passData(buffer, at, end);
          break;
        case CHUNK_DATA_CR:
          if (buffer[at] !== CR) throw brokenRule('INVALID_CHUNK_END', delta + at, buffer[at]);
          at += 1;
          this.#state = CHUNK_DATA_LF;
          break;
        case CHUNK_DATA_LF:
          if (buffer[at] !== LF) throw brokenRule('INVALID_CHUNK_END', delta + at, buffer[at]);
          at += 1;
          this.#beginChunk();
          break;
        case TRAILERS_START:
          at = this.#startTrailers(buffer, at, delta);
          break;
        case TRAILERS:
          at = this.#scanTrailers(buffer, at, end, delta);
          if (this.done) return at;
          break;
        case FINAL_LF:
          if (buffer[at] !== LF) throw brokenRule('BARE_CR', delta + at - 1);
          this.#state = DONE;
          return at + 1;
        default:
          return at;
      }
    }
    return at;
  }

  #beginChunk(): void {
    this.#remaining = 0;
    this.#digits = 0;
    this.#state = CHUNK_SIZE;
  }

  /** chunk-size = 1*HEXDIG: no sign, prefix, separator or whitespace. */
  #scanSize(buffer: Buffer, start: number, end: number, delta: number): number {
    let at = start;
    let size = this.#remaining;
    let digits = this.#digits;
    while (at < end) {
      const byte = buffer[at];
      const value = HEX_VALUES[byte];
      if (value === NOT_HEX) {
        if (digits === 0 || (byte !== CR && byte !== SEMICOLON)) throw badSize(byte, delta + at);
        this.#state = byte === CR ? CHUNK_LINE_END : CHUNK_EXTENSION;
        if (byte === SEMICOLON) this.#beginExtension(digits, delta + at);
        at += 1;
        break;
      }
      digits += 1;
      if (digits > CHUNK_SIZE_DIGITS) {
        throw brokenRule('INVALID_CHUNK_SIZE', delta + at, `${digits} digits`);
      }
      size = size * 16 + value;
      at += 1;
    }
    this.#remaining = size;
    this.#digits = digits;
    return at;
  }

  #beginExtension(digits: number, offset: number): void {
    this.#extension.begin();
    this.#lineBytes = digits;
    this.#countExtensionByte(offset);
  }

  #scanExtension(buffer: Buffer, start: number, end: number, delta: number): number {
    for (let at = start; at < end; at += 1) {
      const byte = buffer[at];
      if (byte === CR && this.#extension.mayEnd) {
        this.#state = CHUNK_LINE_END;
        return at + 1;
      }
      if (byte === LF) throw brokenRule('BARE_LF', delta + at);
      if (!this.#extension.accept(byte)) {
        throw brokenRule('INVALID_CHUNK_EXTENSION', delta + at, byte);
      }
      this.#countExtensionByte(delta + at);
    }
    return end;
  }

  #countExtensionByte(offset: number): void {
    const { chunkLineBytes, chunkExtensionBytes } = this.#limits;
    this.#lineBytes += 1;
    this.#extensionBytes += 1;
    if (this.#lineBytes > chunkLineBytes) {
      throw new LimitError('chunkLineBytes', chunkLineBytes, this.#lineBytes, offset);
    }
    if (this.#extensionBytes > chunkExtensionBytes) {
      throw new LimitError(
        'chunkExtensionBytes',
        chunkExtensionBytes,
        this.#extensionBytes,
        offset,
      );
    }
  }

  #beginData(offset: number): void {
    if (this.#remaining === 0) {
      this.#state = TRAILERS_START;
      return;
    }
    this.#received += this.#remaining;
    this.#checkSize(this.#received, offset);
    this.#state = CHUNK_DATA;
  }

  #passData(buffer: Buffer, start: number, end: number): number {
    const stop = end - start < this.#remaining ? end : start + this.#remaining;
    this.#remaining -= stop - start;
    if (this.#remaining === 0) this.#state = CHUNK_DATA_CR;
    this.#sink.onBody(buffer, start, stop);
    return stop;
  }

  #startTrailers(buffer: Buffer, at: number, delta: number): number {
    if (buffer[at] === CR) {
      this.#state = FINAL_LF;
      return at + 1;
    }
    const { trailerBytes, fieldLineBytes, trailerFields } = this.#limits;
    this.#trailers ??= new FieldScanner(null, trailerListener, {
      blockBytes: trailerBytes,
      blockName: 'trailerBytes',
      lineBytes: fieldLineBytes,
      fields: trailerFields,
      fieldsName: 'trailerFields',
    });
    this.#trailers.begin();
    this.#trailerOffset = delta + at;
    this.#state = TRAILERS;
    return at;
  }

  #scanTrailers(buffer: Buffer, start: number, end: number, delta: number): number {
    const scanner = this.#trailers as FieldScanner;
    const carry = this.#carry;
    if (carry.length > 0) {
      const at = carry.resume(scanner, buffer, start, end, this.#trailerOffset);
      if (at === NEED_MORE) return end;
      this.#endTrailers(carry.bytes, 0, carry.length);
      return at;
    }
    const at = scanner.scan(buffer, start, start, end, delta);
    if (at === NEED_MORE) {
      carry.hold(buffer, start, end);
      return end;
    }
    this.#endTrailers(buffer, start, at);
    return at;
  }

  #endTrailers(buffer: Buffer, start: number, end: number): void {
    this.#state = DONE;
    const kept = keepTrailers(buffer.toString('latin1', start, end - 4));
    this.#carry.clear();
    if (kept !== '') this.#sink.onTrailers?.(kept);
  }

  #checkSize(sizeBytes: number, offset: number): void {
    const { bodyBytes } = this.#limits;
    if (sizeBytes > bodyBytes) throw new LimitError('bodyBytes', bodyBytes, sizeBytes, offset);
  }
}

function badSize(byte: number, offset: number): Error {
  return brokenRule(byte === LF ? 'BARE_LF' : 'INVALID_CHUNK_SIZE', offset, byte);
}
