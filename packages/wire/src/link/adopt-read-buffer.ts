// Allocates nothing per read of its own: without it Node makes an ArrayBuffer of 64 KiB for each and cuts it to size.
// Invariant: called in the turn in which the socket was accepted, before its first read, and on plain sockets only.
// Guarded by bench/src/server-cpu.ts and by the link contract suite, which runs over accepted sockets too.
import { Socket } from 'node:net';
import { MAY_USE_HANDLES, type SocketAccess } from './socket-access.ts';
import { takeReadBuffer } from './read-buffer.ts';

/** As `callback` of the `onread` option: gets the bytes `[0, sizeBytes)` of the buffer for the call. */
type ReadCallback = (sizeBytes: number, buffer: Buffer) => void;

/** Where a socket of Node keeps what its `onread` option said; accepted sockets are made without that option. */
interface ReadSlots {
  readonly buffer: symbol;
  readonly callback: symbol;
}

interface ReadingHandle {
  useUserBuffer(buffer: Buffer): void;
}

const IS_BUN = 'bun' in process.versions;

/** Undefined until the first socket was looked at, null where sockets look different. */
let slots: ReadSlots | null | undefined;

/**
 * Makes an accepted socket read into the buffer all sockets of the thread share, as `onread` does for one that connects;
 * false where the runtime has no way to do so, and the socket emits 'data' as ever.
 */
export function adoptReadBuffer(socket: Socket, callback: ReadCallback): boolean {
  if (!MAY_USE_HANDLES || 'encrypted' in socket) return false;
  if (IS_BUN) return bypassStream(socket, callback);
  slots ??= findSlots();
  const { _handle: handle } = socket as { _handle?: Partial<ReadingHandle> | null };
  if (slots === null || typeof handle?.useUserBuffer !== 'function') return false;
  const buffer = takeReadBuffer();
  Object.assign(socket, { [slots.buffer]: buffer, [slots.callback]: callback });
  handle.useUserBuffer(buffer);
  return true;
}

/** What becomes of accepted plain sockets in this process, and why; those over TLS are always plain. */
export function socketAccess(): SocketAccess {
  if (!MAY_USE_HANDLES) return { kind: 'plain', reason: 'NEEDLETAIL_SOCKETS says so' };
  if (IS_BUN) {
    return { kind: 'direct', reason: 'reads pass the stream by, writes go to the handle' };
  }
  slots ??= findSlots();
  return slots === null
    ? { kind: 'plain', reason: 'sockets of this runtime have another shape than is known' }
    : { kind: 'direct', reason: 'one read buffer for all, writes go to the handle' };
}

/**
 * Bun pushes what it read into the stream, which tells its listener a tick later at twice the cost of the read. While the
 * stream flows and holds nothing there is nothing for it to do; else it gets the bytes, and hands them to its listener.
 */
function bypassStream(socket: Socket, callback: ReadCallback): boolean {
  const push = socket.push.bind(socket);
  socket.push = (chunk: Buffer | null): boolean => {
    if (chunk === null || socket.readableFlowing !== true || socket.readableLength > 0) {
      return push(chunk);
    }
    callback(chunk.length, chunk);
    return true;
  };
  socket.on('data', (chunk: Buffer) => callback(chunk.length, chunk));
  return true;
}

/** The slots are found by what a socket with the documented option holds in them. */
function findSlots(): ReadSlots | null {
  const buffer = Buffer.alloc(1);
  const callback: ReadCallback = () => {};
  const model = new Socket({ onread: { buffer, callback } } as object);
  const held = model as unknown as Record<symbol, unknown>;
  const symbols = Object.getOwnPropertySymbols(model);
  const bufferSlot = symbols.find((symbol) => held[symbol] === buffer);
  const callbackSlot = symbols.find((symbol) => held[symbol] === callback);
  model.destroy();
  if (bufferSlot === undefined || callbackSlot === undefined) return null;
  return { buffer: bufferSlot, callback: callbackSlot };
}
