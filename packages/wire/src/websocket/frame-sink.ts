/**
 * Receives what a connection carries, in order. Bytes are borrowed for the call: copy what must outlive it, except where
 * `isOwned` says that they are given away.
 */
export interface FrameSink {
  /** A whole message of valid UTF-8; `decodeText` makes a string of it. */
  onText(bytes: Buffer, start: number, end: number, isAscii: boolean): void;
  /** A whole message. */
  onBinary(bytes: Buffer, start: number, end: number, isOwned: boolean): void;
  /** At most 125 bytes, which a pong must repeat (RFC 6455 §5.5.2). */
  onPing(bytes: Buffer, start: number, end: number): void;
  onPong(bytes: Buffer, start: number, end: number): void;
  /** The last call: `code` is 1005 when the frame holds none. Answer with a close frame unless one was sent. */
  onClose(code: number, reason: string): void;
}

/** What undoes the compression of messages: see `MessageDeflate`. */
export interface MessageInflater {
  /** The message, or why there is none: it is no deflate stream, or would be larger than `maximumBytes`. */
  inflate(payload: Uint8Array, maximumBytes: number): Buffer | 'invalid' | 'too-large';
}

/** The string that `onText` was given. */
export function decodeText(bytes: Buffer, start: number, end: number, isAscii: boolean): string {
  // A tenth of the cost of decoding UTF-8.
  return bytes.toString(isAscii ? 'latin1' : 'utf8', start, end);
}
