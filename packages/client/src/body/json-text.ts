import { isUtf8 } from 'node:buffer';
import { DecodingError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { decodeText } from './charset.ts';
import { findJsonFault } from './json-fault.ts';

const EXCERPT_CHARACTERS = 24;

/**
 * The value of a JSON body. Without `encoding` the bytes tell: UTF-8, or UTF-16 and UTF-32 by byte order mark or by where
 * their zeros are. Throws DecodingError with the place of the fault.
 */
export function parseJsonBody(
  bytes: Buffer,
  encoding: string | null,
  request: ClientRequest,
): unknown {
  const text = encoding === null ? jsonText(bytes, request) : decodeText(bytes, encoding);
  return parseJsonText(text, request);
}

/** The value of `text`; `line` is its number where it is one of many. Throws DecodingError. */
export function parseJsonText(text: string, request: ClientRequest, line?: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(reasonOf(text, line), request, error);
  }
}

function reasonOf(text: string, line: number | undefined): string {
  if (text.trim() === '') return 'its body is empty';
  const fault = findJsonFault(text);
  if (fault === null) return 'its body is more JSON than this runtime can take';
  const before = text.slice(0, fault.at);
  const lineNumber = (line ?? 1) + before.split('\n').length - 1;
  const column = fault.at - before.lastIndexOf('\n');
  const excerpt = text.slice(
    Math.max(0, fault.at - EXCERPT_CHARACTERS),
    fault.at + EXCERPT_CHARACTERS,
  );
  const place = `line ${lineNumber}, column ${column}`;
  return `its body is no JSON: ${fault.expected} expected at ${place}, near ${JSON.stringify(excerpt)}`;
}

function jsonText(bytes: Buffer, request: ClientRequest): string {
  switch (unicodeForm(bytes)) {
    case 'utf-32be':
      return utf32Text(swapped(bytes, 4, request), request);
    case 'utf-32le':
      return utf32Text(bytes, request);
    case 'utf-16be':
      return withoutMark(swapped(bytes, 2, request).toString('utf16le'));
    case 'utf-16le':
      return withoutMark(bytes.toString('utf16le'));
    case 'utf-8': {
      const text = decodeText(bytes, 'utf-8');
      // The character stands for malformed bytes unless the body holds it itself.
      if (text.includes('\ufffd') && !isUtf8(bytes)) {
        throw invalidJson('its body is no JSON: it holds bytes that are not UTF-8', request);
      }
      return text;
    }
  }
}

/** RFC 4627 §3: JSON begins with ASCII, so zeros show how wide a character is, and which byte comes first. */
function unicodeForm(bytes: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be' {
  const first = bytes[0];
  const second = bytes[1];
  if (first === 0 && second === 0) return 'utf-32be';
  if (first === 0 || (first === 0xfe && second === 0xff)) return 'utf-16be';
  if (second === 0 || (first === 0xff && second === 0xfe)) {
    return bytes[2] === 0 && bytes[3] === 0 ? 'utf-32le' : 'utf-16le';
  }
  return 'utf-8';
}

function swapped(bytes: Buffer, width: 2 | 4, request: ClientRequest): Buffer {
  if (bytes.length % width !== 0) throw invalidJson('its body ends within a character', request);
  const copy = Buffer.from(bytes);
  return width === 2 ? copy.swap16() : copy.swap32();
}

function utf32Text(bytes: Buffer, request: ClientRequest): string {
  if (bytes.length % 4 !== 0) throw invalidJson('its body ends within a character', request);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const code = bytes.readUInt32LE(at);
    if (code > 0x10_ffff) throw invalidJson('its body is not UTF-32', request);
    text += String.fromCodePoint(code);
  }
  return withoutMark(text);
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

function invalidJson(
  reason: string,
  { method, url }: ClientRequest,
  cause?: unknown,
): DecodingError {
  return new DecodingError({
    code: 'INVALID_JSON',
    phase: 'decode',
    problem: 'Response not understood',
    reason,
    remedy: 'Look at response.status, and at response.text()',
    method,
    url: url.href,
    cause,
  });
}
