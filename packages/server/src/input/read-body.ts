// Hot: `readBytes` runs once for each body read whole and allocates nothing of its own for one without content coding.
// Callers read a body once. Guarded by bench/src/input-parsers.ts.
import { isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { DEFAULT_REQUEST_LIMITS } from '@needletail/wire';
import type { ServerRequest } from '../listen/exchange.ts';
import { codingOf, decodePieces, decodeWhole, type CodingLimits } from './content-coding.ts';
import { BadInputError } from './bad-input.ts';
import { parameterOf } from './media-type.ts';

/** What a reader of bodies needs of a request. */
export type BodyRequest = Pick<ServerRequest, 'headers' | 'body'>;

export interface BodyOptions {
  /** Bytes, after decoding; what the listener allows unless set. */
  readonly maxBytes?: number;
  /**
   * Decodes gzip, deflate and br, up to `maxBytes` and to a hundred bytes for each that came, or another ratio. Off unless set:
   * then a body with a Content-Encoding is refused with 415.
   */
  readonly contentCodings?: boolean | { readonly maxRatio: number };
}

const DEFAULT_MAX_RATIO = 100;
const BYTE_ORDER_MARK = 0xfeff;

/** The whole body. Throws BadInputError (400, 413, 415) and BodyTooLargeError (413). */
export function readBytes(request: BodyRequest, options: BodyOptions = {}): Promise<Buffer> {
  const contentEncoding = request.headers.get('content-encoding');
  if (contentEncoding === null) return request.body.bytes(options.maxBytes);
  return readCoded(request, contentEncoding, options);
}

/** The same without a promise where the body is here already and has no coding; null, and not read, where it must be waited for. */
export function arrivedBytes(request: BodyRequest, options: BodyOptions): Buffer | null {
  if (request.headers.has('content-encoding')) return null;
  return request.body.arrived?.(options.maxBytes) ?? null;
}

async function readCoded(
  request: BodyRequest,
  contentEncoding: string,
  options: BodyOptions,
): Promise<Buffer> {
  const coding = codingOf(contentEncoding, isCodingAllowed(options));
  const bytes = await request.body.bytes(options.maxBytes);
  return coding === null ? bytes : decodeWhole(bytes, coding, codingLimits(options));
}

/** The body as it comes, decoded; `maxBytes` holds for what is decoded only. */
export function readPieces(request: BodyRequest, options: BodyOptions = {}): AsyncIterable<Buffer> {
  const coding = codingOf(request.headers.get('content-encoding'), isCodingAllowed(options));
  const pieces = request.body.stream();
  return coding === null ? pieces : decodePieces(pieces, coding, codingLimits(options));
}

/**
 * The body as text, in the charset its Content-Type names, UTF-8 unless it does; without a byte-order mark. Throws
 * BadInputError: 400 for bytes that are not of the charset, 415 for a charset this runtime does not know.
 */
export async function readText(request: BodyRequest, options: BodyOptions = {}): Promise<string> {
  const contentType = request.headers.get('content-type') ?? '';
  const decoder = decoderFor(contentType);
  return decode(await readBytes(request, options), decoder);
}

/** Text in the charset that a Content-Type names; see `readText`. */
export function decodeText(bytes: Buffer, contentType: string): string {
  return decode(bytes, decoderFor(contentType));
}

function decode(bytes: Buffer, decoder: TextDecoder | null): string {
  if (decoder === null) return decodeUtf8(bytes);
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw notOfCharset(decoder.encoding, error);
  }
}

/** Throws BadInputError (400) for what is not UTF-8; takes a byte-order mark away (RFC 8259 §8.1). */
export function decodeUtf8(bytes: Buffer): string {
  const text = bytes.toString();
  // Replacing what is malformed and looking for replacements costs a third of a fatal TextDecoder.
  if (text.includes('\uFFFD') && !isUtf8(bytes)) throw notOfCharset('utf-8');
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

function isCodingAllowed({ contentCodings = false }: BodyOptions): boolean {
  return contentCodings !== false;
}

function codingLimits({ maxBytes, contentCodings }: BodyOptions): CodingLimits {
  return {
    maxBytes: maxBytes ?? DEFAULT_REQUEST_LIMITS.bodyBytes,
    maxRatio: typeof contentCodings === 'object' ? contentCodings.maxRatio : DEFAULT_MAX_RATIO,
  };
}

function isUtf8Label(charset: string): boolean {
  const label = charset.toLowerCase();
  return label === 'utf-8' || label === 'utf8' || label === 'us-ascii';
}

/** Null for UTF-8, and where no charset is named. */
function decoderFor(contentType: string): TextDecoder | null {
  const charset = parameterOf(contentType, 'charset');
  if (charset === null || isUtf8Label(charset)) return null;
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch (error) {
    const detail = 'The charset of the body is not known. Send UTF-8.';
    throw new BadInputError(415, 'UNSUPPORTED_MEDIA_TYPE', detail, { cause: error });
  }
}

function notOfCharset(charset: string, cause?: unknown): BadInputError {
  return new BadInputError(400, 'BAD_TEXT', `The body is not valid ${charset}.`, { cause });
}
