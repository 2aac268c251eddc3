import { spells, wordBytes } from '../bytes/spelling.ts';
import { isHostAndPort } from './host.ts';

const ASTERISK = 0x2a;
const LOWER_H = 0x68;
const QUESTION = 0x3f;
const SLASH = 0x2f;
const UPPER_H = 0x48;

const SCHEMES = ['http://', 'https://'].map(wordBytes);

/**
 * Whether the first byte of a target can begin any form that the method allows (RFC 9112 §3.2), so that `PRI * HTTP/2.0`
 * and other strangers are refused before their line is complete.
 */
export function mayBeginTarget(byte: number, method: string): boolean {
  if (method === 'CONNECT') return byte !== SLASH && byte !== ASTERISK;
  if (byte === ASTERISK) return method === 'OPTIONS';
  return byte === SLASH || byte === LOWER_H || byte === UPPER_H;
}

/** Whether the complete target `[start, end)`, made of TARGET_BYTES, has the form its method asks for. */
export function isTarget(buffer: Uint8Array, start: number, end: number, method: string): boolean {
  if (method === 'CONNECT') return isHostAndPort(buffer, start, end, true);
  if (buffer[start] === ASTERISK) return end - start === 1;
  if (buffer[start] === SLASH) return true;
  const authority = authorityRange(buffer, start, end);
  return authority !== null && isHostAndPort(buffer, authority[0], authority[1], false);
}

/**
 * The authority a request is for: that of an absolute target, the target of CONNECT, else the Host field
 * (RFC 9112 §3.2.2). '' when there is none.
 */
export function authorityOf(method: string, target: string, hostField: string | null): string {
  if (method === 'CONNECT') return target;
  const bytes = Buffer.from(target, 'latin1');
  const authority = authorityRange(bytes, 0, bytes.length);
  return authority === null ? (hostField ?? '') : target.slice(authority[0], authority[1]);
}

/** Where the authority of an absolute http or https target lies; null for every other form. */
function authorityRange(
  buffer: Uint8Array,
  start: number,
  end: number,
): readonly [number, number] | null {
  for (const scheme of SCHEMES) {
    const first = start + scheme.length;
    if (first > end || !spells(buffer, start, first, scheme)) continue;
    let last = first;
    while (last < end && buffer[last] !== SLASH && buffer[last] !== QUESTION) last += 1;
    return [first, last];
  }
  return null;
}
