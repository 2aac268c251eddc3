/**
 * Hot: bytes of every client socket land here. Allocates one buffer per thread (per socket on Windows).
 * The reader owns `[0, end)` only until its callback returns; Node and Bun call it synchronously after each read.
 * Guarded by the cross-talk case of the link contract suite.
 */
const READ_BUFFER_BYTES = 65_536;

// Windows may post the next read before the last one was handled (libuv pre-posts reads), so sockets cannot share.
const canShare = process.platform !== 'win32';
const shared = Buffer.allocUnsafeSlow(canShare ? READ_BUFFER_BYTES : 0);

/** The buffer that a new client socket should read into: 64 KiB, beyond which a read falls out of the cache. */
export function takeReadBuffer(): Buffer {
  return canShare ? shared : Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
}
