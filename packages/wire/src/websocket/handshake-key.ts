import { createHash, randomBytes } from 'node:crypto';

/** What the server must mix into the key, so that only one that knows WebSocket answers right (RFC 6455 §1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Sixteen bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** A Sec-WebSocket-Key: sixteen random bytes in base64 (RFC 6455 §4.1). */
export function createHandshakeKey(): string {
  return randomBytes(16).toString('base64');
}

export function isHandshakeKey(text: string): boolean {
  return KEY.test(text);
}

/** The Sec-WebSocket-Accept that answers `key` (RFC 6455 §4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}
