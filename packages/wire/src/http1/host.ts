import { IP_LITERAL_BYTES, REG_NAME_BYTES } from '../bytes/byte-classes.ts';
import { skipMembers } from '../bytes/skip.ts';

const COLON = 0x3a;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;

const HIGHEST_PORT = 65_535;

/**
 * Whether `[start, end)` is `uri-host [ ":" port ]` with a host that is not empty (RFC 9110 §4.2, §7.2). No user
 * information, no list, no path. `needsPort` is for the authority form of CONNECT (RFC 9112 §3.2.3).
 */
export function isHostAndPort(
  buffer: Uint8Array,
  start: number,
  end: number,
  needsPort: boolean,
): boolean {
  const hostEnd = endOfHost(buffer, start, end);
  if (hostEnd === start) return false;
  if (hostEnd === end) return !needsPort;
  return buffer[hostEnd] === COLON && isPort(buffer, hostEnd + 1, end, needsPort);
}

/** Position after the host, or `start` when there is none. */
function endOfHost(buffer: Uint8Array, start: number, end: number): number {
  if (start === end || buffer[start] !== LEFT_BRACKET) {
    return skipMembers(buffer, start, end, REG_NAME_BYTES);
  }
  const close = skipMembers(buffer, start + 1, end, IP_LITERAL_BYTES);
  const isClosed = close > start + 1 && close < end && buffer[close] === RIGHT_BRACKET;
  return isClosed ? close + 1 : start;
}

/** port = *DIGIT, so `host:` is legal except where a port is the point. */
function isPort(buffer: Uint8Array, start: number, end: number, isRequired: boolean): boolean {
  let port = 0;
  for (let at = start; at < end; at += 1) {
    const byte = buffer[at];
    if (byte < DIGIT_0 || byte > DIGIT_9) return false;
    port = port * 10 + (byte - DIGIT_0);
    if (port > HIGHEST_PORT) return false;
  }
  return !isRequired || end > start;
}
