import { pipeline, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { ByteReader } from './byte-reader.ts';
import type { ContentCoding } from './content-coding.ts';
import { zstdFrames } from './zstd-frames.ts';

/** Absent before Node 22.15. */
const createZstdDecompress = (zlib as { readonly createZstdDecompress?: () => Transform })
  .createZstdDecompress;

/** Undoes one coding of bytes as they come; nothing stays nothing. Errors are those of zlib or of the source. */
export async function* decodeChunks(
  coding: ContentCoding,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void> {
  const bytes = new ByteReader(source);
  if (coding === 'zstd') {
    yield* decodeZstd(bytes);
    return;
  }
  const start = await bytes.take(2);
  if (start.length === 0) return;
  bytes.giveBack(start);
  yield* through(transformFor(coding, start), bytes.rest());
}

/** Undoes one coding of a small body at once, up to `maxBytes`; zlib throws ERR_BUFFER_TOO_LARGE for more. */
export function decodeWhole(
  coding: Exclude<ContentCoding, 'zstd'>,
  body: Buffer,
  maxBytes: number,
): Buffer {
  const options = { maxOutputLength: maxBytes };
  switch (coding) {
    case 'gzip':
      return zlib.gunzipSync(body, options);
    case 'br':
      return zlib.brotliDecompressSync(body, options);
    case 'deflate':
      return hasZlibHeader(body)
        ? zlib.inflateSync(body, options)
        : zlib.inflateRawSync(body, options);
  }
}

/** `deflate` means the zlib format (RFC 9110 §8.4.1.2), and many servers send the data without it. */
function hasZlibHeader(start: Buffer): boolean {
  return start.length >= 2 && (start[0]! & 0x0f) === 8 && start.readUInt16BE(0) % 31 === 0;
}

function transformFor(coding: Exclude<ContentCoding, 'zstd'>, start: Buffer): Transform {
  switch (coding) {
    case 'gzip':
      return zlib.createGunzip();
    case 'br':
      return zlib.createBrotliDecompress();
    case 'deflate':
      return hasZlibHeader(start) ? zlib.createInflate() : zlib.createInflateRaw();
  }
}

/** What `source` becomes on its way through `transform`, which holds it back while nobody reads. */
async function* through(
  transform: Transform,
  source: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void> {
  // An error of either side destroys the transform with it, and so reaches the loop below.
  pipeline(source, transform, () => {});
  for await (const chunk of transform) yield chunk as Buffer;
}

async function* decodeZstd(bytes: ByteReader): AsyncGenerator<Buffer, void> {
  const decodeFrame =
    createZstdDecompress === undefined
      ? await frameDecoder()
      : (frame: AsyncIterable<Buffer>) => through(createZstdDecompress(), frame);
  // One by one: decoders stop at the end of a frame.
  for await (const frame of zstdFrames(bytes)) yield* decodeFrame(frame);
}

/** In JavaScript, where the runtime cannot; does not verify checksums. */
async function frameDecoder(): Promise<
  (frame: AsyncIterable<Buffer>) => AsyncGenerator<Buffer, void>
> {
  const { Decompress } = await import('fzstd');
  return async function* (frame) {
    const ready: Buffer[] = [];
    const decoder = new Decompress((chunk) => {
      if (chunk.length > 0)
        ready.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    });
    for await (const piece of frame) {
      decoder.push(piece);
      yield* ready.splice(0);
    }
    decoder.push(new Uint8Array(0), true);
    yield* ready;
  };
}
