// Hot. Allocates nothing per call. Field names and values were checked byte by byte before they come here.
// Guarded by bench/src/codec.ts.
import { TOKEN_BYTES } from '../bytes/byte-classes.ts';
import { dropWhitespace, skipMembers, skipWhitespace } from '../bytes/skip.ts';
import { spells, wordBytes } from '../bytes/spelling.ts';
import { brokenRule } from './errors.ts';
import type { FieldListener } from './field-scanner.ts';
import { CONTENT_LENGTH_DIGITS } from './limits.ts';

const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

const CONNECTION = wordBytes('connection');
const CONTENT_LENGTH = wordBytes('content-length');
const TRANSFER_ENCODING = wordBytes('transfer-encoding');
const CHUNKED = wordBytes('chunked');
const CLOSE = wordBytes('close');
const KEEP_ALIVE = wordBytes('keep-alive');
const UPGRADE = wordBytes('upgrade');

/** The fields of a head that decide where its body ends and whether the connection lives on. */
export class FramingFields implements FieldListener {
  /** -1 when absent. */
  contentLength = -1;
  chunked = false;
  /** Members of `Connection`, over all its lines (RFC 9110 §7.6.1). */
  close = false;
  keepAlive = false;
  upgrade = false;

  begin(): void {
    this.contentLength = -1;
    this.chunked = false;
    this.close = false;
    this.keepAlive = false;
    this.upgrade = false;
  }

  /** A name of another length is none of ours, which settles most fields with one comparison. */
  onField(
    buffer: Buffer,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    delta: number,
  ): void {
    switch (nameEnd - nameStart) {
      case CONNECTION.length:
        if (spells(buffer, nameStart, nameEnd, CONNECTION)) {
          this.#readConnection(buffer, valueStart, valueEnd);
        }
        return;
      case CONTENT_LENGTH.length:
        if (spells(buffer, nameStart, nameEnd, CONTENT_LENGTH)) {
          this.#readContentLength(buffer, valueStart, valueEnd, delta);
        }
        return;
      case TRANSFER_ENCODING.length:
        if (spells(buffer, nameStart, nameEnd, TRANSFER_ENCODING)) {
          this.#readTransferEncoding(buffer, valueStart, valueEnd, delta);
        }
        return;
      default:
    }
  }

  /** What contradicts itself is refused before anybody sees the head (RFC 9112 §6.1 and §6.3). */
  check(minorVersion: 0 | 1, offset: number): void {
    if (!this.chunked) return;
    if (this.contentLength !== -1) throw brokenRule('CONFLICTING_FRAMING', offset);
    if (minorVersion === 0) throw brokenRule('TRANSFER_ENCODING_IN_1_0', offset);
  }

  /** 1*DIGIT once, nothing else: a list of equal values is refused too (RFC 9110 §8.6 allows to). */
  #readContentLength(buffer: Buffer, start: number, end: number, delta: number): void {
    if (this.contentLength !== -1) throw brokenRule('DUPLICATE_CONTENT_LENGTH', delta + start);
    const first = skipWhitespace(buffer, start, end);
    const last = dropWhitespace(buffer, first, end);
    const digits = last - first;
    if (digits === 0 || digits > CONTENT_LENGTH_DIGITS) {
      throw brokenRule('INVALID_CONTENT_LENGTH', delta + first, `${digits} characters`);
    }
    let length = 0;
    for (let at = first; at < last; at += 1) {
      const byte = buffer[at];
      if (byte < DIGIT_0 || byte > DIGIT_9) {
        throw brokenRule('INVALID_CONTENT_LENGTH', delta + at, byte);
      }
      length = length * 10 + (byte - DIGIT_0);
    }
    this.contentLength = length;
  }

  /** One line whose value is `chunked` and nothing more; every other spelling is a way to smuggle. */
  #readTransferEncoding(buffer: Buffer, start: number, end: number, delta: number): void {
    const first = skipWhitespace(buffer, start, end);
    const last = dropWhitespace(buffer, first, end);
    if (this.chunked) throw brokenRule('INVALID_TRANSFER_ENCODING', delta + first, 'a second line');
    if (!spells(buffer, first, last, CHUNKED)) {
      const code = endsInChunked(buffer, first, last)
        ? 'UNSUPPORTED_TRANSFER_CODING'
        : 'INVALID_TRANSFER_ENCODING';
      throw brokenRule(code, delta + first);
    }
    this.chunked = true;
  }

  #readConnection(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const first = skipWhitespace(buffer, at, end);
      let comma = first;
      while (comma < end && buffer[comma] !== COMMA) comma += 1;
      const last = dropWhitespace(buffer, first, comma);
      if (spells(buffer, first, last, CLOSE)) this.close = true;
      else if (spells(buffer, first, last, KEEP_ALIVE)) this.keepAlive = true;
      else if (spells(buffer, first, last, UPGRADE)) this.upgrade = true;
      at = comma + 1;
    }
  }
}

/** Whether a value is a well-formed list of other codings before one final `chunked`: legal, but not implemented. */
function endsInChunked(buffer: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const first = skipWhitespace(buffer, at, end);
    const last = skipMembers(buffer, first, end, TOKEN_BYTES);
    const isChunked = spells(buffer, first, last, CHUNKED);
    const next = skipWhitespace(buffer, last, end);
    if (last === first) return false;
    if (next === end) return isChunked;
    if (isChunked || buffer[next] !== COMMA) return false;
    at = next + 1;
  }
  return false;
}
