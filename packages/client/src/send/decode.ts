// Hot: one look for Content-Encoding, and nothing else where there is none.
import type { ResponseBody } from '../body/response-body.ts';
import {
  codingsToUndo,
  decodedTooLarge,
  explainDecoding,
  mostDecodedBytes,
  type ContentCoding,
} from '../body/content-coding.ts';
import { decodeWhole } from '../body/content-decoders.ts';
import { DecodedBody } from '../body/decoded-body.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { responseWithBody } from '../transport/response-with-body.ts';
import type { TransportResponse } from '../transport/transport.ts';
import type { Exchange, Layer } from './layer.ts';

/** Bodies up to here are decoded at once: a stream costs ten times as much, and a loop turn. */
const AT_ONCE_BYTES = 65_536;
/** What a small body may become at once, without keeping the event loop for more than a millisecond or two. */
const AT_ONCE_DECODED_BYTES = 1024 * 1024;

/** Undoes Content-Encoding (RFC 9110 §8.4) where the request asks for it; the fields stay as received. */
export const decodeLayer: Layer = (request, next) =>
  request.decompress ? next(request).then(decodeExchange) : next(request);

/** The exchange itself where there is nothing to undo. Throws, or rejects with, DecodingError. */
export function decodeExchange(exchange: Exchange): Exchange | Promise<Exchange> {
  const { request, response } = exchange;
  if (!request.decompress || response.headers.get('content-encoding') === null) return exchange;
  if (isEmpty(request, response)) return exchange;
  let codings: ContentCoding[];
  try {
    codings = codingsToUndo(response.headers.getAll('content-encoding'), request);
  } catch (error) {
    if (!Buffer.isBuffer(response.body)) response.body.cancel();
    throw error;
  }
  if (codings.length === 0) return exchange;
  const { body } = response;
  if (!Buffer.isBuffer(body)) return withBody(exchange, new DecodedBody(body, codings, request));
  const decoded = decodeAtOnce(body, codings, request);
  if (decoded !== null) return withBody(exchange, decoded);
  return decodeStepwise(body, codings, request).then((bytes) => withBody(exchange, bytes));
}

function isEmpty({ method }: ClientRequest, { status, body }: TransportResponse): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true;
  return Buffer.isBuffer(body) && body.length === 0;
}

/** Null when it takes longer. */
function decodeAtOnce(
  body: Buffer,
  codings: readonly ContentCoding[],
  request: ClientRequest,
): Buffer | null {
  const limitBytes = Math.min(request.maxBodyBytes, AT_ONCE_DECODED_BYTES);
  let bytes = body;
  for (const coding of codings) {
    if (coding === 'zstd' || bytes.length > AT_ONCE_BYTES || limitBytes < 1) return null;
    if (bytes.length === 0) return bytes;
    try {
      bytes = decodeWhole(coding, bytes, limitBytes);
    } catch (error) {
      if (isTooLarge(error)) return null;
      throw explainDecoding(error, coding, request);
    }
  }
  return bytes;
}

/** In steps, so that other work gets its turn and a bomb is noticed before it is in memory. */
async function decodeStepwise(
  body: Buffer,
  codings: readonly ContentCoding[],
  request: ClientRequest,
): Promise<Buffer> {
  const limitBytes = Math.min(request.maxBodyBytes, mostDecodedBytes(body.length));
  const source = new DecodedBody(body, codings, request);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > limitBytes) throw decodedTooLarge(`larger than ${limitBytes} bytes`, request);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof RangeError && (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
  );
}

function withBody(exchange: Exchange, body: Buffer | ResponseBody): Exchange {
  return { ...exchange, response: responseWithBody(exchange.response, body) };
}
