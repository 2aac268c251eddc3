import type { ByteReader } from './byte-reader.ts';

const MAGIC = 0xfd2f_b528;
/** The last hexadecimal digit is free. */
const SKIPPABLE_MAGIC = 0x184d_2a50;
/** What receivers of the content coding must support, and senders may use (RFC 9659 §3). */
const MOST_WINDOW_BYTES = 8 * 1024 * 1024;
const MOST_BLOCK_BYTES = 128 * 1024;
const RLE = 1;
const RESERVED = 3;

/** What is wrong with Zstandard data. */
class ZstdFault extends Error {
  override readonly name = 'ZstdFault';
  /** As node:zlib says that data ends too early, or that it is corrupt. */
  readonly code: 'Z_BUF_ERROR' | 'Z_DATA_ERROR';

  constructor(code: ZstdFault['code'], what: string) {
    super(what);
    this.code = code;
  }
}

/**
 * The frames of Zstandard data (RFC 8878 §3), each to be read to its end before the next: its head and then block after
 * block, so that a decoder can be fed in steps of at most 128 KiB of output. Skippable frames are skipped, and windows
 * beyond 8 MiB refused before a decoder allocates them. Throws ZstdFault.
 */
export async function* zstdFrames(
  bytes: ByteReader,
): AsyncGenerator<AsyncGenerator<Buffer, undefined>, undefined> {
  for (;;) {
    const start = await bytes.take(4);
    if (start.length === 0) return;
    const magic = expect(start, 4).readUInt32LE(0);
    if (magic === MAGIC) yield piecesOf(start, bytes);
    else if ((magic & 0xffff_fff0) >>> 0 === SKIPPABLE_MAGIC) await skipFrame(bytes);
    else throw new ZstdFault('Z_DATA_ERROR', 'No Zstandard frame begins here');
  }
}

async function* piecesOf(magic: Buffer, bytes: ByteReader): AsyncGenerator<Buffer, undefined> {
  const descriptor = expect(await bytes.take(1), 1);
  const flags = descriptor[0]!;
  const isSingleSegment = (flags & 0x20) !== 0;
  const hasChecksum = (flags & 0x04) !== 0;
  const windowSize = isSingleSegment ? 0 : 1;
  const dictionarySize = [0, 1, 2, 4][flags & 3]!;
  const contentSize = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const fields = await bytes.take(windowSize + dictionarySize + contentSize);
  expect(fields, windowSize + dictionarySize + contentSize);
  const windowBytes = isSingleSegment
    ? contentBytesOf(fields.subarray(dictionarySize))
    : windowBytesOf(fields[0]!);
  if (windowBytes > MOST_WINDOW_BYTES) {
    throw new ZstdFault(
      'Z_DATA_ERROR',
      `Its window is ${windowBytes} bytes, above 8 MiB (RFC 9659)`,
    );
  }
  yield Buffer.concat([magic, descriptor, fields]);
  for (let isLast = false; !isLast;) {
    const head = expect(await bytes.take(3), 3);
    const value = head.readUIntLE(0, 3);
    isLast = (value & 1) === 1;
    const kind = (value >> 1) & 3;
    const size = value >> 3;
    if (kind === RESERVED || size > MOST_BLOCK_BYTES) {
      throw new ZstdFault('Z_DATA_ERROR', 'A block is of no known kind, or too long');
    }
    const length = kind === RLE ? 1 : size;
    yield Buffer.concat([head, expect(await bytes.take(length), length)]);
  }
  if (hasChecksum) yield expect(await bytes.take(4), 4);
}

async function skipFrame(bytes: ByteReader): Promise<void> {
  let left = expect(await bytes.take(4), 4).readUInt32LE(0);
  while (left > 0) {
    const chunk = await bytes.chunk();
    if (chunk === null) throw endsEarly();
    if (chunk.length > left) bytes.giveBack(chunk.subarray(left));
    left -= Math.min(left, chunk.length);
  }
}

/** RFC 8878 §3.1.1.1.2. */
function windowBytesOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** RFC 8878 §3.1.1.1.4. */
function contentBytesOf(field: Buffer): number {
  switch (field.length) {
    case 1:
      return field[0]!;
    case 2:
      return field.readUInt16LE(0) + 256;
    case 4:
      return field.readUInt32LE(0);
    default:
      return Number(field.readBigUInt64LE(0));
  }
}

function expect(bytes: Buffer, sizeBytes: number): Buffer {
  if (bytes.length < sizeBytes) throw endsEarly();
  return bytes;
}

function endsEarly(): ZstdFault {
  return new ZstdFault('Z_BUF_ERROR', 'Zstandard data ends within a frame');
}
