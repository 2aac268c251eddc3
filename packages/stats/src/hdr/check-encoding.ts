import { inflateSync } from 'node:zlib';
import { HdrDecodeError } from '../errors.ts';

/*
 * HdrHistogram V2, big-endian (HdrHistogram/HdrHistogram, AbstractHistogram.java):
 *
 *   base64 ( cookie 4 │ length 4 │ zlib ( cookie 4 │ payload length 4 │ offset 4 │ digits 4 │ lowest 8 │ highest 8
 *            │ ratio 8 │ counts ) )         counts: zigzag LEB128 words, a negative one is a run of empty bins
 *
 * Every number is checked before the library sees it: it reads past the end without noticing, loops as long as a
 * length or a run of empty bins says, and takes 64-bit fields for signed halves.
 */

/** Text above this is refused; the fullest histogram of 3 digits needs about a quarter of it. */
const MAX_TEXT_CHARS = 2 ** 20;
const MAX_INFLATED_BYTES = 2 ** 24;

const COMPRESSED_COOKIE = 0x1c849304;
const PLAIN_COOKIE = 0x1c849303;
/** The word-size digit of a cookie says nothing in V2. */
const COOKIE_MASK = ~0xf0;
const OUTER_HEADER_BYTES = 8;
const HEADER_BYTES = 40;
const LEB_MORE = 0x80;
const LEB_MAX_BYTES = 9;

export interface HdrHeader {
  readonly digits: number;
  readonly highestValue: number;
}

/** Throws `HdrDecodeError` unless the library can decode `text` safely; returns what its header says. */
export function checkEncoding(text: string): HdrHeader {
  if (text.length > MAX_TEXT_CHARS) {
    throw new HdrDecodeError(`${text.length} characters, of at most ${MAX_TEXT_CHARS}`);
  }
  const trimmed = text.trim();
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(trimmed) || trimmed.length % 4 !== 0) {
    throw new HdrDecodeError('not base64');
  }
  const inflated = inflate(Buffer.from(trimmed, 'base64'));
  if (inflated.length < HEADER_BYTES) {
    throw new HdrDecodeError(`${inflated.length} bytes of header, of ${HEADER_BYTES}`);
  }
  requireCookie(inflated, PLAIN_COOKIE);
  const payloadBytes = inflated.readInt32BE(4);
  if (payloadBytes < 0 || payloadBytes > inflated.length - HEADER_BYTES) {
    const there = inflated.length - HEADER_BYTES;
    throw new HdrDecodeError(`${payloadBytes} bytes of counts announced, ${there} there`);
  }
  const header = readHeader(inflated);
  checkCounts(inflated.subarray(HEADER_BYTES, HEADER_BYTES + payloadBytes), header.binLimit);
  return header;
}

function inflate(bytes: Buffer): Buffer {
  if (bytes.length < OUTER_HEADER_BYTES) throw new HdrDecodeError(`only ${bytes.length} bytes`);
  requireCookie(bytes, COMPRESSED_COOKIE);
  const length = bytes.readInt32BE(4);
  if (length < 0 || length > bytes.length - OUTER_HEADER_BYTES) {
    const there = bytes.length - OUTER_HEADER_BYTES;
    throw new HdrDecodeError(`${length} compressed bytes announced, ${there} there`);
  }
  try {
    return inflateSync(bytes.subarray(OUTER_HEADER_BYTES, OUTER_HEADER_BYTES + length), {
      maxOutputLength: MAX_INFLATED_BYTES,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HdrDecodeError(`zlib says ${reason}`, { cause });
  }
}

function requireCookie(bytes: Buffer, expected: number): void {
  const cookie = bytes.readInt32BE(0);
  if ((cookie & COOKIE_MASK) === expected) return;
  const [was, should] = [cookie >>> 0, expected].map((n) => n.toString(16));
  throw new HdrDecodeError(`cookie ${was} where ${should} belongs, so not a V2 histogram`);
}

function readHeader(inflated: Buffer): HdrHeader & { readonly binLimit: number } {
  const digits = inflated.readInt32BE(12);
  const lowest = Number(inflated.readBigInt64BE(16));
  const highestValue = Number(inflated.readBigInt64BE(24));
  if (digits < 0 || digits > 5) throw new HdrDecodeError(`${digits} digits, of 0 to 5`);
  if (lowest < 1 || highestValue < 2 * lowest || highestValue > Number.MAX_SAFE_INTEGER) {
    throw new HdrDecodeError(`values from ${lowest} to ${highestValue}, of 1 to 2^53`);
  }
  // Rows of half a sub-bucket array each, and one more for the first; see bin-layout.ts.
  const subBuckets = 2 ** Math.ceil(Math.log2(2 * 10 ** digits));
  const unit = 2 ** Math.floor(Math.log2(lowest));
  let rows = 2;
  for (let end = subBuckets * unit; end <= highestValue; end *= 2) rows += 1;
  return { digits, highestValue, binLimit: (rows * subBuckets) / 2 };
}

function checkCounts(payload: Buffer, binLimit: number): void {
  let bins = 0;
  let total = 0;
  for (let offset = 0; offset < payload.length;) {
    const word = readWord(payload, offset);
    offset += word.sizeBytes;
    bins += word.value < 0 ? -word.value : 1;
    total += Math.max(0, word.value);
    if (bins > binLimit) throw new HdrDecodeError(`more than the ${binLimit} bins of its range`);
    if (total > Number.MAX_SAFE_INTEGER) throw new HdrDecodeError('more than 2^53 records');
  }
}

function readWord(payload: Buffer, start: number): { value: number; sizeBytes: number } {
  let raw = 0;
  for (let index = 0; index < LEB_MAX_BYTES; index += 1) {
    if (start + index >= payload.length) break;
    const byte = payload[start + index];
    // The ninth byte is whole: eight times seven bits and eight make 64.
    const isLast = index === LEB_MAX_BYTES - 1 || (byte & LEB_MORE) === 0;
    raw += (isLast ? byte : byte & ~LEB_MORE) * 2 ** (7 * index);
    if (isLast) {
      const value = raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
      return { value, sizeBytes: index + 1 };
    }
  }
  throw new HdrDecodeError(`a count cut off at byte ${start} of ${payload.length}`);
}
