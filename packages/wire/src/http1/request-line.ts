// Hot for a server. Allocates the target string, and the method string unless it is a common one.
// The caller passes the bytes of one head in order (see field-scanner.ts). Guarded by bench/src/codec.ts.
import { TARGET_BYTES, TOKEN_BYTES } from '../bytes/byte-classes.ts';
import { skipMembers } from '../bytes/skip.ts';
import { isExactly, wordBytes } from '../bytes/spelling.ts';
import { brokenRule, LimitError } from './errors.ts';
import { NEED_MORE, type StartLine } from './field-scanner.ts';
import { isTarget, mayBeginTarget } from './request-target.ts';

const CR = 0x0d;
const DIGIT_0 = 0x30;
const DIGIT_1 = 0x31;
const DIGIT_9 = 0x39;
const LF = 0x0a;
const SP = 0x20;

const METHOD = 0;
const TARGET_START = 1;
const TARGET = 2;
const VERSION = 3;
const CARRIAGE_RETURN = 4;
const LINE_END = 5;

/** `?` stands for a digit. */
const VERSION_TEMPLATE = wordBytes('HTTP/?.?');
const MAJOR_AT = 5;
const MINOR_AT = 7;

/** Methods that need no new string, most frequent first. */
const COMMON_METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'].map(
  (method) => ({ method, bytes: wordBytes(method) }),
);

/**
 * request-line = method SP request-target SP HTTP-version CRLF, with exactly one SP each (RFC 9112 §3). Fails at the
 * first byte that cannot stand where it stands: a TLS handshake, HTTP/0.9 and the HTTP/2 preface never fill a buffer.
 */
export class RequestLine implements StartLine {
  method = '';
  target = '';
  minorVersion: 0 | 1 = 1;
  readonly #maximumBytes: number;
  readonly #maximumMethodBytes: number;
  #state = METHOD;
  /** Where the part under way began, relative to the head. */
  #partStart = 0;
  #major = DIGIT_1;
  #minor = DIGIT_1;

  constructor(maximumBytes: number, maximumMethodBytes: number) {
    this.#maximumBytes = maximumBytes;
    this.#maximumMethodBytes = maximumMethodBytes;
  }

  begin(): void {
    this.#state = METHOD;
  }

  scan(buffer: Buffer, origin: number, from: number, end: number, delta: number): number {
    const stop = end - origin > this.#maximumBytes ? origin + this.#maximumBytes : end;
    let at = from;
    if (this.#state === METHOD) at = this.#scanMethod(buffer, origin, at, stop, delta);
    if (this.#state === TARGET_START && at < stop) {
      if (!mayBeginTarget(buffer[at], this.method)) {
        throw brokenRule('INVALID_TARGET', delta + at, buffer[at]);
      }
      this.#state = TARGET;
    }
    if (this.#state === TARGET) at = this.#scanTarget(buffer, origin, at, stop, delta);
    if (this.#state === VERSION) at = this.#scanVersion(buffer, origin, at, stop, delta);
    if (this.#state === CARRIAGE_RETURN && at < end) {
      if (buffer[at] !== CR) throw this.#badEnd(buffer, at, stop, delta);
      this.#state = LINE_END;
      this.#acceptVersion(delta + at);
      at += 1;
    }
    if (this.#state === LINE_END && at < end) {
      if (buffer[at] !== LF) throw brokenRule('BARE_CR', delta + at - 1);
      return at + 1;
    }
    if (at < end) throw this.#tooLong(delta + at);
    return NEED_MORE;
  }

  #scanMethod(buffer: Buffer, origin: number, from: number, end: number, delta: number): number {
    const maximum = this.#maximumMethodBytes;
    const stop = end - origin > maximum ? origin + maximum : end;
    const at = skipMembers(buffer, from, stop, TOKEN_BYTES);
    if (at === end) return at;
    if (TOKEN_BYTES[buffer[at]] === 1) {
      throw new LimitError('methodBytes', maximum, maximum + 1, delta + at);
    }
    if (buffer[at] !== SP || at === origin) {
      throw brokenRule('INVALID_METHOD', delta + at, buffer[at]);
    }
    this.method = methodAt(buffer, origin, at);
    this.#state = TARGET_START;
    this.#partStart = at + 1 - origin;
    return at + 1;
  }

  #scanTarget(buffer: Buffer, origin: number, from: number, stop: number, delta: number): number {
    const at = skipMembers(buffer, from, stop, TARGET_BYTES);
    if (at === stop) return at;
    const start = origin + this.#partStart;
    if (buffer[at] !== SP) throw brokenRule('INVALID_TARGET', delta + at, buffer[at]);
    if (!isTarget(buffer, start, at, this.method)) {
      throw brokenRule('INVALID_TARGET', delta + start, `not a form for ${this.method}`);
    }
    this.target = buffer.toString('latin1', start, at);
    this.#state = VERSION;
    this.#partStart = at + 1 - origin;
    return at + 1;
  }

  #scanVersion(buffer: Buffer, origin: number, from: number, end: number, delta: number): number {
    const start = origin + this.#partStart;
    const stop = end - start > VERSION_TEMPLATE.length ? start + VERSION_TEMPLATE.length : end;
    for (let at = from; at < stop; at += 1) {
      const index = at - start;
      const byte = buffer[at];
      const isNumber = index === MAJOR_AT || index === MINOR_AT;
      if (isNumber ? byte < DIGIT_0 || byte > DIGIT_9 : byte !== VERSION_TEMPLATE[index]) {
        throw brokenRule('INVALID_VERSION', delta + at, byte);
      }
      if (index === MAJOR_AT) this.#major = byte;
      if (index === MINOR_AT) this.#minor = byte;
    }
    if (stop - start === VERSION_TEMPLATE.length) this.#state = CARRIAGE_RETURN;
    return stop;
  }

  /** Only a well-formed line is told that its version is not spoken here (RFC 9110 §15.6.6). */
  #acceptVersion(offset: number): void {
    if (this.#major !== DIGIT_1 || this.#minor > DIGIT_1) {
      const version = `HTTP/${String.fromCharCode(this.#major)}.${String.fromCharCode(this.#minor)}`;
      throw brokenRule('UNSUPPORTED_VERSION', offset, version);
    }
    this.minorVersion = this.#minor === DIGIT_1 ? 1 : 0;
  }

  #badEnd(buffer: Buffer, at: number, stop: number, delta: number): Error {
    if (at === stop) return this.#tooLong(delta + at);
    return brokenRule(buffer[at] === LF ? 'BARE_LF' : 'INVALID_VERSION', delta + at, buffer[at]);
  }

  #tooLong(offset: number): Error {
    return new LimitError('startLineBytes', this.#maximumBytes, this.#maximumBytes + 1, offset);
  }
}

/** Methods are case-sensitive (RFC 9110 §9.1): "get" is not GET. */
function methodAt(buffer: Buffer, start: number, end: number): string {
  for (const { method, bytes } of COMMON_METHODS) {
    if (isExactly(buffer, start, end, bytes)) return method;
  }
  return buffer.toString('latin1', start, end);
}
