import type { FieldMap } from '@needletail/wire';
import { invalidOption } from '../model/invalid-option.ts';

/** Code points of windows-1252 from 0x80 to 0x9F (Encoding Standard §9); elsewhere it is latin1. */
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
const CHARSET = /;[ \t]*charset[ \t]*=[ \t]*(?:"([^"]*)"|([^\s";]+))/i;

/** Labels that were looked up, of which there are about 220. */
const namesByLabel = new Map<string, string>([['utf-8', 'utf-8']]);

/** The name that the Encoding Standard has for a label (`latin1` is `windows-1252`), or null for an unknown one. */
export function encodingNamed(label: string): string | null {
  const key = label.trim().toLowerCase();
  const known = namesByLabel.get(key);
  if (known !== undefined) return known;
  try {
    const name = new TextDecoder(key).encoding;
    namesByLabel.set(key, name);
    return name;
  } catch {
    // RangeError: no such label, or a runtime built without it.
    return null;
  }
}

/** `encodingNamed` for a label that a caller chose; throws InvalidRequestError. */
export function chosenEncoding(label: string): string {
  const name = encodingNamed(label);
  if (name !== null) return name;
  const remedy = 'Use a label of the Encoding Standard, such as utf-8 or windows-1252';
  throw invalidOption('encoding', label, 'is no encoding that this runtime has', remedy);
}

/**
 * How the text of a body is encoded: what its byte order mark says, else the charset of Content-Type, else UTF-8, also
 * where that charset is not known. `start` is its first three bytes or more, if it has as many.
 */
export function encodingOf(start: Uint8Array, headers: FieldMap): string {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return 'utf-8';
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  const type = headers.get('content-type');
  if (type === null) return 'utf-8';
  const found = CHARSET.exec(type);
  const label = found?.[1] ?? found?.[2];
  return (label === undefined ? null : encodingNamed(label)) ?? 'utf-8';
}

/** Text of `bytes` without a byte order mark; what is malformed becomes U+FFFD. */
export function decodeText(bytes: Buffer, encoding: string): string {
  if (encoding === 'utf-8') {
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return bytes.toString('utf8', hasMark ? 3 : 0);
  }
  return encoding === 'windows-1252'
    ? decodeWindows1252(bytes)
    : new TextDecoder(encoding).decode(bytes);
}

/** Text that arrives in pieces; characters may be cut anywhere. */
export class TextStream {
  readonly #headers: FieldMap;
  #encoding: string | null;
  #decoder: InstanceType<typeof TextDecoder> | null = null;
  /** Held back while they may become a byte order mark. */
  #start: Buffer | null = Buffer.alloc(0);

  /** `encoding` is null to go by the bytes and by `headers`. */
  constructor(encoding: string | null, headers: FieldMap) {
    this.#encoding = encoding;
    this.#headers = headers;
  }

  push(chunk: Buffer): string {
    if (this.#start === null) return this.#decode(chunk);
    const start = this.#start.length === 0 ? chunk : Buffer.concat([this.#start, chunk]);
    if (mayBecomeMark(start)) {
      this.#start = start;
      return '';
    }
    this.#start = null;
    return this.#decode(start);
  }

  /** What was held back, and U+FFFD for a character that was cut off. */
  end(): string {
    const start = this.#start;
    this.#start = null;
    const text = start === null ? '' : this.#decode(start);
    return text + (this.#decoder?.decode() ?? '');
  }

  #decode(bytes: Buffer): string {
    this.#encoding ??= encodingOf(bytes, this.#headers);
    if (this.#encoding === 'windows-1252') return decodeWindows1252(bytes);
    this.#decoder ??= new TextDecoder(this.#encoding);
    return this.#decoder.decode(bytes, { stream: true });
  }
}

/** Whether these are the first bytes of a mark, and not all of it. */
function mayBecomeMark(start: Buffer): boolean {
  if (start.length === 1) return start[0] === 0xef || start[0]! >= 0xfe;
  return start.length === 0 || (start.length === 2 && start[0] === 0xef && start[1] === 0xbb);
}

/** By hand: some releases of Node decode it as latin1. */
function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll(/[\x80-\x9f]/g, (found) => WINDOWS_1252[found.charCodeAt(0) - 0x80]!);
}
