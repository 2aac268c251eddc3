import { encodeTrailerFields, type FieldInput } from './field-encoder.ts';

/** Ends a chunked body without trailers. */
export const LAST_CHUNK = '0\r\n\r\n';

/**
 * The pieces to write for one chunk. Empty data gives no pieces at all: a chunk of size zero would end the body
 * (RFC 9112 §7.1).
 */
export function encodeChunk(data: Uint8Array): (string | Uint8Array)[] {
  if (data.length === 0) return [];
  return [`${data.length.toString(16)}\r\n`, data, '\r\n'];
}

/** Ends a chunked body with trailers; throws EncodeError for a field that means nothing there. */
export function encodeLastChunk(trailers: FieldInput): string {
  return `0\r\n${encodeTrailerFields(trailers)}\r\n`;
}
