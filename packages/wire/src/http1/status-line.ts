// Hot. Allocates nothing per call. The caller passes the bytes of one head in order (see field-scanner.ts).
// Guarded by bench/src/codec.ts.
import { skipValue } from '../bytes/skip.ts';
import { wordBytes } from '../bytes/spelling.ts';
import { brokenRule, LimitError } from './errors.ts';
import { NEED_MORE, type StartLine } from './field-scanner.ts';

const CR = 0x0d;
const DIGIT_0 = 0x30;
const DIGIT_1 = 0x31;
const DIGIT_5 = 0x35;
const DIGIT_9 = 0x39;
const LF = 0x0a;
const SP = 0x20;

/** Bytes that are the same in every status line; positions 7 (minor version) and 9-11 (status) are free. */
const TEMPLATE = wordBytes('HTTP/1.? ');
const MAJOR_AT = 5;
const MINOR_AT = 7;
const STATUS_AT = 9;
const AFTER_STATUS = 12;

const FIXED = 0;
const SEPARATOR = 1;
const REASON = 2;
const LINE_END = 3;

/**
 * status-line = HTTP-version SP 3DIGIT [ SP reason-phrase ] CRLF (RFC 9112 §4). The SP before an absent reason may be
 * missing, as many servers leave it out. The status is 100 to 599 (RFC 9110 §15).
 */
export class StatusLine implements StartLine {
  status = 0;
  minorVersion: 0 | 1 = 1;
  readonly #maximum: number;
  #state = FIXED;

  constructor(maximumBytes: number) {
    this.#maximum = maximumBytes;
  }

  begin(): void {
    this.#state = FIXED;
    this.status = 0;
  }

  scan(buffer: Buffer, origin: number, from: number, end: number, delta: number): number {
    let at = from;
    if (this.#state === FIXED) {
      at = this.#scanFixed(buffer, origin, from, end, delta);
      if (at === NEED_MORE) return NEED_MORE;
    }
    if (at === end) return NEED_MORE;
    const stop = end - origin > this.#maximum ? origin + this.#maximum : end;
    if (this.#state === SEPARATOR && buffer[at] === SP && at < stop) {
      this.#state = REASON;
      at += 1;
    }
    if (this.#state === REASON) {
      at = at < stop ? skipValue(buffer, at, stop) : at;
      if (at === end) return NEED_MORE;
    }
    if (this.#state !== LINE_END) {
      if (buffer[at] !== CR) throw this.#badEnd(buffer, at, stop, delta);
      this.#state = LINE_END;
      at += 1;
      if (at === end) return NEED_MORE;
    }
    if (buffer[at] !== LF) throw brokenRule('BARE_CR', delta + at - 1);
    return at + 1;
  }

  #scanFixed(buffer: Buffer, origin: number, from: number, end: number, delta: number): number {
    const stop = end - origin > AFTER_STATUS ? origin + AFTER_STATUS : end;
    for (let at = from; at < stop; at += 1) {
      const index = at - origin;
      const byte = buffer[at];
      if (index >= STATUS_AT) {
        const isFirst = index === STATUS_AT;
        if (byte < (isFirst ? DIGIT_1 : DIGIT_0) || byte > (isFirst ? DIGIT_5 : DIGIT_9)) {
          throw brokenRule('INVALID_STATUS_LINE', delta + at, byte);
        }
        this.status = this.status * 10 + (byte - DIGIT_0);
      } else if (index === MINOR_AT) {
        if (byte !== DIGIT_0 && byte !== DIGIT_1) throw badVersion(byte, delta + at);
        this.minorVersion = byte === DIGIT_1 ? 1 : 0;
      } else if (byte !== TEMPLATE[index]) {
        throw index === MAJOR_AT
          ? badVersion(byte, delta + at)
          : brokenRule('INVALID_STATUS_LINE', delta + at, byte);
      }
    }
    if (stop - origin < AFTER_STATUS) return NEED_MORE;
    this.#state = SEPARATOR;
    return stop;
  }

  #badEnd(buffer: Buffer, at: number, stop: number, delta: number): Error {
    if (at === stop) {
      return new LimitError('startLineBytes', this.#maximum, this.#maximum + 1, delta + at);
    }
    if (buffer[at] === LF) return brokenRule('BARE_LF', delta + at);
    return brokenRule('INVALID_STATUS_LINE', delta + at, buffer[at]);
  }
}

function badVersion(byte: number, offset: number): Error {
  const isDigit = byte >= DIGIT_0 && byte <= DIGIT_9;
  return brokenRule(isDigit ? 'UNSUPPORTED_VERSION' : 'INVALID_STATUS_LINE', offset, byte);
}
