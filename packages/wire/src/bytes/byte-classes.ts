/** The bytes the wire formats give a meaning to. */
export const NUL = 0x00;
export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const PERCENT = 0x25;
export const ASTERISK = 0x2a;
export const COMMA = 0x2c;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const DIGIT_0 = 0x30;
export const DIGIT_1 = 0x31;
export const DIGIT_5 = 0x35;
export const DIGIT_9 = 0x39;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const EQUALS = 0x3d;
export const QUESTION = 0x3f;
export const LEFT_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const RIGHT_BRACKET = 0x5d;

/** The bit that turns an upper-case ASCII letter into a lower-case one; only meaningful on letters. */
export const LOWER_CASE_BIT = 0x20;

/** tchar: what names, methods and tokens are made of (RFC 9110 §5.6.2). */
export const TOKEN = 1;
/** HTAB, SP, VCHAR, obs-text: what a field value or a reason may hold (RFC 9110 §5.5). */
export const VALUE = 2;
/** 0x21-0x7E without `#`: what any form of request target may hold (RFC 9112 §3.2). */
export const TARGET = 4;
/** reg-name without the comma, which would let one Host value pass for a list (RFC 3986 §3.2.2, RFC 9110 §7.2). */
export const REG_NAME = 8;
/** Inside `[...]` of an IP literal (RFC 3986 §3.2.2). */
export const IP_LITERAL = 16;
/** qdtext: inside a quoted string, quote and backslash apart (RFC 9110 §5.6.4). */
export const QUOTED_TEXT = 32;

/** Class bits of every byte; `BYTE_CLASS[byte] & TOKEN` is the test. */
export const BYTE_CLASS: Uint8Array = buildClasses();

export const NOT_HEX = 0xff;
/** Value of a hexadecimal digit, or `NOT_HEX`. */
export const HEX_VALUE: Uint8Array = buildHexValues();

function buildClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  mark(classes, TOKEN, `${alphanumeric}!#$%&'*+-.^_\`|~`);
  mark(classes, REG_NAME, `${alphanumeric}-._~%!$&'()*+;=`);
  mark(classes, IP_LITERAL, `${alphanumeric}:.-_~!$&'()*+,;=`);
  for (let byte = 0x20; byte <= 0xff; byte += 1) {
    if (byte === 0x7f) continue;
    classes[byte] |= VALUE;
    if (byte !== DOUBLE_QUOTE && byte !== BACKSLASH) classes[byte] |= QUOTED_TEXT;
    if (byte > SP && byte < 0x7f && byte !== HASH) classes[byte] |= TARGET;
  }
  classes[HTAB] |= VALUE | QUOTED_TEXT;
  return classes;
}

function mark(classes: Uint8Array, bit: number, characters: string): void {
  for (let index = 0; index < characters.length; index += 1) {
    classes[characters.charCodeAt(index)] |= bit;
  }
}

function buildHexValues(): Uint8Array {
  const values = new Uint8Array(256).fill(NOT_HEX);
  const digits = '0123456789abcdef';
  for (let value = 0; value < 16; value += 1) {
    values[digits.charCodeAt(value)] = value;
    values[digits.toUpperCase().charCodeAt(value)] = value;
  }
  return values;
}
