import { Readable, pipeline } from 'node:stream';
import {
  brotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzip,
  inflate,
  inflateRaw,
  type ZlibOptions,
} from 'node:zlib';
import { BadInputError, limitError } from './bad-input.ts';

/** Content codings a body may come in (RFC 9110 §8.4.1). */
export type ContentCoding = 'gzip' | 'deflate' | 'br';

export interface CodingLimits {
  /** Bytes after decoding. */
  readonly maxBytes: number;
  /** Bytes after decoding for each byte before; what stays under 64 KiB may have any ratio. */
  readonly maxRatio: number;
}

/** Bytes that are no threat whatever they were made from. */
const HARMLESS_BYTES = 64 * 1024;
/** First byte of a zlib stream: compression method 8 (RFC 1950 §2.2). */
const ZLIB_METHOD = 8;
const METHOD_BITS = 0x0f;

const ACCEPTED = 'gzip, deflate, br';

/**
 * The coding of a body, null for none. Throws BadInputError (415) for more than one, for others than gzip, deflate and br,
 * and for any where they are not `allowed`.
 */
export function codingOf(contentEncoding: string | null, allowed: boolean): ContentCoding | null {
  if (contentEncoding === null) return null;
  const name = contentEncoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return null;
  if (allowed) {
    if (name === 'gzip' || name === 'x-gzip') return 'gzip';
    if (name === 'deflate' || name === 'br') return name;
  }
  const accepted = allowed ? ACCEPTED : 'identity';
  throw new BadInputError(
    415,
    'UNSUPPORTED_CONTENT_CODING',
    `The Content-Encoding of the body must be one of: ${accepted}.`,
    { headers: { 'Accept-Encoding': accepted } },
  );
}

/** A whole body, decoded. */
export function decodeWhole(
  encoded: Buffer,
  coding: ContentCoding,
  limits: CodingLimits,
): Promise<Buffer> {
  const mostBytes = mostDecoded(encoded.length, limits);
  const options: ZlibOptions = { maxOutputLength: Math.max(1, mostBytes) };
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, decoded: Buffer): void => {
      if (error === null) resolve(decoded);
      else reject(codingError(error, coding, limits.maxBytes));
    };
    if (coding === 'br') brotliDecompress(encoded, options, done);
    else if (coding === 'gzip') gunzip(encoded, options, done);
    else if (isZlib(encoded)) inflate(encoded, options, done);
    else inflateRaw(encoded, options, done);
  });
}

/** A body that comes in pieces, decoded as it comes; ending the iteration ends that of `encoded`. */
export async function* decodePieces(
  encoded: AsyncIterable<Buffer>,
  coding: ContentCoding,
  limits: CodingLimits,
): AsyncGenerator<Buffer, void> {
  const source = encoded[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done === true) return;
  let encodedBytes = 0;
  async function* counted(): AsyncGenerator<Buffer, void> {
    try {
      for (
        let next: IteratorResult<Buffer> = first;
        next.done !== true;
        next = await source.next()
      ) {
        encodedBytes += next.value.length;
        yield next.value;
      }
    } finally {
      await source.return?.();
    }
  }
  const decoder = decoderFor(coding, first.value);
  let failure: Error | null = null;
  pipeline(Readable.from(counted(), { objectMode: false }), decoder, (error) => {
    failure = error ?? null;
  });
  let decodedBytes = 0;
  try {
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      decodedBytes += piece.length;
      if (decodedBytes > mostDecoded(encodedBytes, limits)) throw tooLarge(limits.maxBytes);
      yield piece;
    }
  } catch (error) {
    const cause = failure ?? error;
    throw cause instanceof Error ? codingError(cause, coding, limits.maxBytes) : cause;
  }
}

function mostDecoded(encodedBytes: number, { maxBytes, maxRatio }: CodingLimits): number {
  return Math.min(maxBytes, Math.max(HARMLESS_BYTES, encodedBytes * maxRatio));
}

function decoderFor(coding: ContentCoding, first: Buffer): NodeJS.ReadWriteStream {
  if (coding === 'br') return createBrotliDecompress();
  if (coding === 'gzip') return createGunzip();
  return isZlib(first) ? createInflate() : createInflateRaw();
}

/** `deflate` is the zlib format, which some clients take for the raw one. */
function isZlib(encoded: Buffer): boolean {
  return encoded.length === 0 || (encoded[0]! & METHOD_BITS) === ZLIB_METHOD;
}

function tooLarge(maxBytes: number): BadInputError {
  return limitError('bytes in the decoded body, or for what it was encoded to', maxBytes, 413);
}

/** Errors of zlib say what the client did; all others are passed on. */
function codingError(error: Error, coding: ContentCoding, maxBytes: number): Error {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ERR_BUFFER_TOO_LARGE' || error instanceof RangeError) return tooLarge(maxBytes);
  if (!/^(?:Z_|ERR_{1,2}(?:BROTLI|ERROR))/.test(code)) return error;
  const detail = `The body is not what ${coding} makes, or is cut off.`;
  return new BadInputError(400, 'BAD_CONTENT_CODING', detail, { cause: error });
}
