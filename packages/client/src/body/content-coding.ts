import { ClientError, DecodingError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';

/** Codings that can be undone (RFC 9110 §8.4.1, RFC 7932, RFC 8878). */
export type ContentCoding = 'gzip' | 'deflate' | 'br' | 'zstd';

const CODINGS: ReadonlyMap<string, ContentCoding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);
const MOST_CODINGS = 5;
/** Deflate reaches 1032 on zeros; what is worth sending stays far below. */
const MOST_EXPANSION = 1000;
/** Up to here expansion does no harm, and small bodies expand most. */
const FREE_BYTES = 1024 * 1024;

/**
 * What values of Content-Encoding say was done to the body, in the order in which it is to be undone. Empty where there is
 * nothing to undo, and where a coding is unknown: then the body stays as it is. Throws DecodingError for more than five.
 */
export function codingsToUndo(values: readonly string[], request: ClientRequest): ContentCoding[] {
  const codings: ContentCoding[] = [];
  for (const value of values) {
    for (const part of value.split(',')) {
      const name = part.trim().toLowerCase();
      if (name === '' || name === 'identity') continue;
      const coding = CODINGS.get(name);
      if (coding === undefined) return [];
      codings.push(coding);
      if (codings.length > MOST_CODINGS) {
        throw decodingFailed(`its body is encoded more than ${MOST_CODINGS} times`, request);
      }
    }
  }
  return codings.toReversed();
}

/** Bytes that `receivedBytes` may become before they are taken for a bomb. */
export function mostDecodedBytes(receivedBytes: number): number {
  return Math.max(FREE_BYTES, receivedBytes * MOST_EXPANSION);
}

/** What a decoder threw as an error of this package; what is one already stays. */
export function explainDecoding(
  error: unknown,
  coding: ContentCoding,
  request: ClientRequest,
): Error {
  if (error instanceof ClientError) return error;
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  const isCut = code === 'Z_BUF_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE';
  const fault = isCut ? 'ends too early' : 'is corrupt';
  return decodingFailed(`its ${coding} data ${fault}`, request, error);
}

function decodingFailed(
  reason: string,
  { method, url }: ClientRequest,
  cause?: unknown,
): DecodingError {
  return new DecodingError({
    code: 'DECODING_FAILED',
    phase: 'decode',
    problem: 'Response not understood',
    reason,
    remedy: 'Ask again, or set decompress: false to have the body as it came',
    method,
    url: url.href,
    cause,
  });
}

/** `what` says how much is too much. */
export function decodedTooLarge(what: string, { method, url }: ClientRequest): DecodingError {
  return new DecodingError({
    code: 'DECODED_TOO_LARGE',
    phase: 'decode',
    problem: 'Response refused',
    reason: `its body, decoded, is ${what}`,
    remedy: 'Raise maxBodyBytes, use stream(), or set decompress: false if that is what you want',
    method,
    url: url.href,
  });
}
