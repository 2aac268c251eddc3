import { DecodingError } from '../errors.ts';
import { checkedCount } from '../model/invalid-option.ts';

export interface NdjsonOptions {
  /** 16 MiB unless set. */
  readonly maxLineBytes?: number;
}

const DEFAULT_MAX_LINE_BYTES = 16 * 1_048_576;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * One JSON value a line (NDJSON, JSON Lines), as the lines come; empty ones are skipped, and the last needs no end. Throws
 * DecodingError with the number of the line.
 */
export async function* ndjson<T = unknown>(
  body: AsyncIterable<Uint8Array>,
  options: NdjsonOptions = {},
): AsyncGenerator<T, void, undefined> {
  const maxBytes = checkedCount('maxLineBytes', options.maxLineBytes ?? DEFAULT_MAX_LINE_BYTES, 1);
  /** Pieces of a line that has not ended, and their length. */
  let pieces: Buffer[] = [];
  let pieceBytes = 0;
  let line = 1;
  for await (const bytes of body) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (pieceBytes + end - start > maxBytes) throw tooLong(line, maxBytes);
      const tail = chunk.subarray(start, end);
      const whole = pieces.length === 0 ? tail : Buffer.concat([...pieces, tail]);
      if (!isBlank(whole)) yield parseLine<T>(whole, line);
      pieces = [];
      pieceBytes = 0;
      line += 1;
      start = end + 1;
    }
    if (start < chunk.length) {
      // A copy: the chunk may be borrowed, and a small rest would keep all of it alive.
      pieces.push(Buffer.from(chunk.subarray(start)));
      pieceBytes += chunk.length - start;
      if (pieceBytes > maxBytes) throw tooLong(line, maxBytes);
    }
  }
  const last = Buffer.concat(pieces);
  if (!isBlank(last)) yield parseLine<T>(last, line);
}

function parseLine<T>(bytes: Buffer, line: number): T {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: line !== 1 }).decode(bytes);
  } catch (error) {
    throw new DecodingError({
      code: 'INVALID_TEXT',
      phase: 'decode',
      problem: 'Line not understood',
      reason: `line ${line} is not UTF-8`,
      remedy: 'Check what the server sends, or read the bytes',
      cause: error,
    });
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new DecodingError({
      code: 'INVALID_JSON',
      phase: 'decode',
      problem: 'Line not understood',
      reason: `line ${line} is no JSON: ${JSON.stringify(text.slice(0, 40))}`,
      remedy: 'Check that the server sends one JSON value a line; lines() gives them as text',
      cause: error,
    });
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) {
    if (byte !== CARRIAGE_RETURN && byte !== 0x20 && byte !== 0x09) return false;
  }
  return true;
}

function tooLong(line: number, maxBytes: number): DecodingError {
  return new DecodingError({
    code: 'LINE_TOO_LONG',
    phase: 'decode',
    problem: 'Line not read',
    reason: `line ${line} has more than ${maxBytes} bytes`,
    remedy: 'Raise maxLineBytes, or check that the lines end with a line feed',
  });
}
