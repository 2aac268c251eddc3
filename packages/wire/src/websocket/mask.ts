// Hot: every byte a client sends and a server receives passes here. Allocates one view per call from 64 bytes on.
// The caller owns the bytes, in which the mask is applied in place; the same call takes it off again.
// Guarded by bench/src/websocket.ts.
import { randomFillSync } from 'node:crypto';
import { endianness } from 'node:os';

/** Below this making a view costs more than it saves (64 bytes: 38 ns bytewise, 53 ns in words). */
const WORDS_FROM_BYTES = 64;
/** V8 works on 64-bit words without boxing them (64 KiB in 3.5 µs, 32-bit words 6.2 µs); JavaScriptCore boxes them. */
const HAS_FAST_64 = !('bun' in process.versions);
const IS_LITTLE_ENDIAN = endianness() === 'LE';

/** How payloads of 64 bytes and more are masked; shorter ones go byte by byte. */
export type MaskKernel = 'words64' | 'words32' | 'bytes';

const { kernel: KERNEL, reason: REASON } = chooseKernel(process.env['NEEDLETAIL_MASK']);
const IN_WORDS = KERNEL !== 'bytes';
const IN_64 = KERNEL === 'words64';

/** Which kernel this process uses, and why: the runtime decides, or the variable `NEEDLETAIL_MASK`. */
export function maskKernel(): { readonly kernel: MaskKernel; readonly reason: string } {
  return { kernel: KERNEL, reason: REASON };
}

function chooseKernel(forced: string | undefined): { kernel: MaskKernel; reason: string } {
  if (!IS_LITTLE_ENDIAN) return { kernel: 'bytes', reason: 'this machine is big-endian' };
  if (forced === 'words64' || forced === 'words32' || forced === 'bytes') {
    return { kernel: forced, reason: 'NEEDLETAIL_MASK says so' };
  }
  return HAS_FAST_64
    ? { kernel: 'words64', reason: 'V8 works on 64-bit words without boxing them' }
    : { kernel: 'words32', reason: 'JavaScriptCore boxes 64-bit words' };
}

/**
 * Masks or unmasks `bytes[start, end)` (RFC 6455 §5.3). `key` holds the four key bytes, the first in its low bits;
 * `phase` is the index into the key (0 to 3) of the first byte.
 */
export function applyMask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  phase: number,
): void {
  if (end - start < WORDS_FROM_BYTES || !IN_WORDS) {
    maskBytes(bytes, start, end, rotateKey(key, phase));
    return;
  }
  // Words need aligned addresses: the first few bytes go one by one.
  const aligned = start + (-(bytes.byteOffset + start) & 7);
  maskBytes(bytes, start, aligned, rotateKey(key, phase));
  const wordsEnd = aligned + ((end - aligned) & ~31);
  const wordKey = rotateKey(key, phase + aligned - start);
  if (IN_64) maskWords64(bytes, aligned, wordsEnd, wordKey);
  else maskWords32(bytes, aligned, wordsEnd, wordKey);
  maskBytes(bytes, wordsEnd, end, wordKey);
}

/** The key as seen from a byte whose index in the payload is `phase`, modulo 4. */
function rotateKey(key: number, phase: number): number {
  const shift = (phase & 3) << 3;
  return shift === 0 ? key : (key >>> shift) | (key << (32 - shift));
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  const key1 = key >>> 8;
  const key2 = key >>> 16;
  const key3 = key >>> 24;
  let at = start;
  for (const whole = end - 3; at < whole; at += 4) {
    bytes[at] ^= key;
    bytes[at + 1] ^= key1;
    bytes[at + 2] ^= key2;
    bytes[at + 3] ^= key3;
  }
  if (at < end) bytes[at] ^= key;
  if (at + 1 < end) bytes[at + 1] ^= key1;
  if (at + 2 < end) bytes[at + 2] ^= key2;
}

function maskWords64(bytes: Uint8Array, start: number, end: number, key: number): void {
  const half = BigInt(key >>> 0);
  const wide = (half << 32n) | half;
  const count = (end - start) >>> 3;
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset + start, count);
  for (let index = 0; index < count; index += 4) {
    words[index] ^= wide;
    words[index + 1] ^= wide;
    words[index + 2] ^= wide;
    words[index + 3] ^= wide;
  }
}

function maskWords32(bytes: Uint8Array, start: number, end: number, key: number): void {
  const count = (end - start) >>> 2;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, count);
  for (let index = 0; index < count; index += 4) {
    words[index] ^= key;
    words[index + 1] ^= key;
    words[index + 2] ^= key;
    words[index + 3] ^= key;
  }
}

const KEYS_AT_ONCE = 2048;
const keys = new Int32Array(KEYS_AT_ONCE);
let nextKey = KEYS_AT_ONCE;

/**
 * A key that was never used and cannot be guessed (RFC 6455 §10.3), drawn from the system 8 KiB at a time: a guessable
 * key would let a script write bytes of its choice to a proxy that takes them for HTTP.
 */
export function freshMaskKey(): number {
  for (;;) {
    if (nextKey === KEYS_AT_ONCE) {
      randomFillSync(keys);
      nextKey = 0;
    }
    const key = keys[nextKey];
    nextKey += 1;
    // Zero would leave the payload readable as it is.
    if (key !== 0) return key;
  }
}
