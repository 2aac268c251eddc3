// Runs for each URL that was not met before, over text of the target's making: one pass, no regular expressions.

const ID = ':id';
/** Hexadecimal from so many characters on is an identifier: shorter ones may be words (`cafe`, `decade`). */
const SHORTEST_HEX = 16;
/** A token: long, of the alphabets of base64 (RFC 4648 §4 and §5), with digits and both cases in it. */
const SHORTEST_TOKEN = 20;
const ULID_LENGTH = 26;
const UUID_LENGTH = 36;
const LONGEST_PATTERN = 160;

/** Digits, and what digits are told from, as bits. */
const DIGIT = 1;
const HEX_LETTER = 2;
const LOWER = 4;
const UPPER = 8;
const DASH = 16;
const OTHER_TOKEN = 32;
const FOREIGN = 64;

/**
 * The path of a request target with what looks like an identifier in it replaced: `/cart/17?page=2` becomes `/cart/:id`.
 * Identifiers are numbers, UUIDs, ULIDs, hexadecimal of 16 characters and more, and tokens of 20 and more; a file keeps its
 * extension.
 */
export function patternOf(target: string): string {
  const end = pathEndOf(target);
  let pattern = '';
  for (let start = 0; start < end;) {
    let stop = target.indexOf('/', start + 1);
    if (stop === -1 || stop > end) stop = end;
    pattern += `/${segmentOf(target.slice(start + 1, stop))}`;
    if (pattern.length > LONGEST_PATTERN) return `${pattern.slice(0, LONGEST_PATTERN - 1)}…`;
    start = stop;
  }
  return pattern === '' ? '/' : pattern;
}

function pathEndOf(target: string): number {
  const query = target.indexOf('?');
  return query === -1 ? target.length : query;
}

function segmentOf(segment: string): string {
  if (isIdentifier(segment)) return ID;
  const dot = segment.lastIndexOf('.');
  return dot > 0 && isIdentifier(segment.slice(0, dot)) ? ID + segment.slice(dot) : segment;
}

function isIdentifier(text: string): boolean {
  const kinds = kindsIn(text);
  if (kinds === 0 || (kinds & FOREIGN) !== 0) return false;
  if (kinds === DIGIT) return true;
  if ((kinds & DIGIT) === 0) return false;
  const isHex = (kinds & ~(DIGIT | HEX_LETTER | LOWER | UPPER | DASH)) === 0 && isHexadecimal(text);
  if (isHex && text.length === UUID_LENGTH && hasDashesOfUuid(text)) return true;
  if ((kinds & DASH) === 0) {
    if (isHex && text.length >= SHORTEST_HEX) return true;
    if (text.length === ULID_LENGTH && (kinds & (LOWER | OTHER_TOKEN)) === 0) return true;
  }
  return text.length >= SHORTEST_TOKEN && (kinds & LOWER) !== 0 && (kinds & UPPER) !== 0;
}

function kindsIn(text: string): number {
  let kinds = 0;
  for (let index = 0; index < text.length; index += 1) kinds |= kindOf(text.charCodeAt(index));
  return kinds;
}

function kindOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return DIGIT;
  if (code >= 0x61 && code <= 0x7a) return code <= 0x66 ? HEX_LETTER | LOWER : LOWER;
  if (code >= 0x41 && code <= 0x5a) return code <= 0x46 ? HEX_LETTER | UPPER : UPPER;
  if (code === 0x2d) return DASH;
  // `_`, `+`, `=` and `%`, by which `+` and `/` are written in a path; `.` and `~` separate parts of words and of JWTs.
  if (code === 0x5f || code === 0x2b || code === 0x3d || code === 0x25) return OTHER_TOKEN;
  return FOREIGN;
}

function isHexadecimal(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if ((kindOf(text.charCodeAt(index)) & (DIGIT | HEX_LETTER | DASH)) === 0) return false;
  }
  return true;
}

/** 8-4-4-4-12 (RFC 9562 §4). */
function hasDashesOfUuid(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const isDash = text.charCodeAt(index) === 0x2d;
    const shouldBe = index === 8 || index === 13 || index === 18 || index === 23;
    if (isDash !== shouldBe) return false;
  }
  return true;
}
