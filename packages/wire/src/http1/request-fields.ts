// Hot for a server. Allocates nothing per call. Field names and values were checked byte by byte before they come here.
// Guarded by bench/src/codec.ts.
import { dropWhitespace, skipWhitespace } from '../bytes/skip.ts';
import { spells, wordBytes } from '../bytes/spelling.ts';
import { brokenRule } from './errors.ts';
import type { FieldListener } from './field-scanner.ts';
import { FramingFields } from './framing-fields.ts';
import { isHostAndPort } from './host.ts';

const COMMA = 0x2c;

const HOST = wordBytes('host');
const EXPECT = wordBytes('expect');
const UPGRADE = wordBytes('upgrade');
const CONTINUE = wordBytes('100-continue');

/** The fields of a request head that steer the codec: those of framing, and Host, Expect and Upgrade. */
export class RequestFields implements FieldListener {
  readonly framing: FramingFields = new FramingFields();
  hasHost = false;
  hasUpgrade = false;
  expectsContinue = false;
  expectsOther = false;

  begin(): void {
    this.framing.begin();
    this.hasHost = false;
    this.hasUpgrade = false;
    this.expectsContinue = false;
    this.expectsOther = false;
  }

  onField(
    buffer: Buffer,
    nameStart: number,
    nameEnd: number,
    valueStart: number,
    valueEnd: number,
    delta: number,
  ): void {
    switch (nameEnd - nameStart) {
      case HOST.length:
        if (spells(buffer, nameStart, nameEnd, HOST)) {
          this.#readHost(buffer, valueStart, valueEnd, delta);
        }
        return;
      case EXPECT.length:
        if (spells(buffer, nameStart, nameEnd, EXPECT)) {
          this.#readExpect(buffer, valueStart, valueEnd);
        }
        return;
      case UPGRADE.length:
        if (spells(buffer, nameStart, nameEnd, UPGRADE)) this.hasUpgrade = true;
        return;
      default:
        this.framing.onField(buffer, nameStart, nameEnd, valueStart, valueEnd, delta);
    }
  }

  /** Exactly one Host in HTTP/1.1, at most one in 1.0 (RFC 9112 §3.2); an empty one names nobody. */
  #readHost(buffer: Buffer, start: number, end: number, delta: number): void {
    if (this.hasHost) throw brokenRule('DUPLICATE_HOST', delta + start);
    this.hasHost = true;
    const first = skipWhitespace(buffer, start, end);
    const last = dropWhitespace(buffer, first, end);
    if (!isHostAndPort(buffer, first, last, false)) throw brokenRule('INVALID_HOST', delta + first);
  }

  /** Expect is a list; the only member with a meaning is `100-continue` (RFC 9110 §10.1.1). */
  #readExpect(buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const first = skipWhitespace(buffer, at, end);
      let comma = first;
      while (comma < end && buffer[comma] !== COMMA) comma += 1;
      const last = dropWhitespace(buffer, first, comma);
      if (spells(buffer, first, last, CONTINUE)) this.expectsContinue = true;
      else if (last > first) this.expectsOther = true;
      at = comma + 1;
    }
  }
}
