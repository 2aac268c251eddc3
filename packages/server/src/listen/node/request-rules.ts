import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { ServerLimits } from '../server-options.ts';

/** `uri-host [ ":" port ]` with a host that is not empty (RFC 9110 §7.2). */
const AUTHORITY = /^(?:\[[\da-z:.]+\]|[\w\-.~%!$&'()*+,;=]+)(?::(\d{0,5}))?$/i;
const HIGHEST_PORT = 65_535;

export interface BrokenRule {
  readonly status: number;
  readonly reason: string;
}

/** Bytes that a head may have altogether, where no limit of a part of it can be told to the runtime. */
export function headSizeOf({ startLineBytes, headBytes }: ServerLimits): number {
  return startLineBytes + headBytes;
}

/** The same for HTTP/2, whose limit of the size of a list is but advice to clients (RFC 9113 §6.5.2). */
export function ruleBrokenByHttp2(
  { rawHeaders, url }: Http2ServerRequest,
  limits: ServerLimits,
): BrokenRule | null {
  if (url.length > limits.startLineBytes) return broken(414, 'target too long');
  let sizeBytes = 0;
  for (const text of rawHeaders) sizeBytes += text.length;
  return sizeBytes > headSizeOf(limits) ? broken(431, 'head too large') : null;
}

/** What node:http lets pass and the wire does not; null for a request that keeps the rules. */
export function ruleBrokenBy(
  { httpVersion, rawHeaders, url = '', headers }: IncomingMessage,
  { fields, startLineBytes }: ServerLimits,
): BrokenRule | null {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return broken(505, 'unknown version');
  if (rawHeaders.length / 2 > fields) return broken(431, 'too many fields');
  if (url.length > startLineBytes) return broken(414, 'target too long');
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    hosts += 1;
    if (hosts > 1) return broken(400, 'several Host fields');
    if (!isAuthority(rawHeaders[at + 1]!)) return broken(400, 'no valid Host');
  }
  const coding = headers['transfer-encoding'];
  if (coding === undefined) return null;
  // Nobody can say where such a body ends (RFC 9112 §6.1).
  if (httpVersion === '1.0') return broken(400, 'Transfer-Encoding in HTTP/1.0');
  return coding.toLowerCase() === 'chunked' ? null : broken(501, 'unknown transfer coding');
}

function isAuthority(value: string): boolean {
  const found = AUTHORITY.exec(value);
  return found !== null && Number(found[1] ?? 0) <= HIGHEST_PORT;
}

function broken(status: number, reason: string): BrokenRule {
  return { status, reason };
}
