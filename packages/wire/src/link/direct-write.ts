// Allocates: nothing for a write that the kernel takes at once, one request object for one that it does not.
// Invariant: only for plain sockets (no TLS), and only while the stream itself has nothing queued, so that order holds.
// Guarded by bench/src/cpu-per-request.ts and by the link contract suite.
import { getSystemErrorName } from 'node:util';
import type { Socket } from 'node:net';
import { MAY_USE_HANDLES } from './socket-access.ts';

/** What a libuv stream handle of Node offers and does not document; its shape is checked before it is used. */
interface StreamHandle {
  writeBuffer: Write<Uint8Array>;
  writeLatin1String: Write<string>;
}

interface Write<Data> {
  /** The status: 0, or an error of libuv. The request tells whether the kernel took it all. */
  (request: WriteRequest, data: Data): number;
  /** Node 24 makes the request, and only for what the kernel did not take. */
  (request: null, data: Data): number | WriteRequest;
}

interface WriteRequest {
  /**
   * `UNUSED` while nothing native hangs on the request. The handle's `writeQueueSize` does not tell: when the kernel is
   * full and makes room a moment later, the queue is empty again and the request is still in flight. Used then, it ends the
   * process with a failed assertion (1 write in 1000 of 64 KiB to a reader in another thread).
   */
  getAsyncId(): number;
  oncomplete?: (status: number) => void;
  /** Of a request that Node made: set when it was complete before anybody could listen. */
  writeStatus?: number | null;
  /** Keeps the bytes alive until they are sent. */
  data?: Uint8Array | string;
}

type WriteRequestClass = new () => WriteRequest;

const UNUSED = -1;
const IS_BUN = 'bun' in process.versions;

/** Handles are called without a request, and give one back where one is needed. */
const NONE = 'none';
/** Learnt from the first ordinary write of the thread; null where handles look different. */
let requestClass: WriteRequestClass | typeof NONE | null | undefined;
/** A write that completes at once leaves its request untouched: one serves them all. */
let spare: WriteRequest | null = null;

/**
 * Writes to a socket's handle without the stream in between, whose bookkeeping (a request object, two callbacks and a
 * tick for each write) is a third of what a small request costs in user time.
 */
export interface DirectWriter {
  /** Whether it leaves to the stream what the kernel did not take. */
  readonly usesStream: boolean;
  /** As `Link.write`; a failure destroys the socket with the error, as the stream would. */
  write(data: string | Uint8Array): boolean;
}

/** Who hears that everything a writer had queued has been sent. */
export interface WriterOwner {
  drained(): void;
}

/** Null when the runtime has no such handles, or has not been seen writing to one yet: ask again after a write. */
export function directWriterOf(socket: Socket, owner: WriterOwner): DirectWriter | null {
  if (!MAY_USE_HANDLES || 'encrypted' in socket) return null;
  if (IS_BUN) return bunWriterOf(socket);
  if (requestClass === undefined) learnRequestClass(socket);
  if (requestClass === undefined || requestClass === null) return null;
  const handle = handleOf(socket);
  return handle === null ? null : new NodeWriter(socket, handle, owner);
}

/** False when asking for a writer to this socket again is of no use. */
export function mayWriteDirectly(socket: Socket): boolean {
  return MAY_USE_HANDLES && !IS_BUN && requestClass !== null && handleOf(socket) !== null;
}

/** Bun's own socket under its `node:net`: takes what the kernel takes and says how much that was. */
interface BunHandle {
  write(data: Uint8Array, byteOffset?: number, byteLength?: number): number;
}

/** Where text becomes bytes: what the kernel does not take is copied out before the next write. */
let bunScratch: Buffer | null = null;
const BUN_SCRATCH_BYTES = 64 * 1024;

function bunWriterOf(socket: Socket): DirectWriter | null {
  const { _handle: handle } = socket as { _handle?: Partial<BunHandle> | null };
  return typeof handle?.write === 'function' ? new BunWriter(socket, handle as BunHandle) : null;
}

class BunWriter implements DirectWriter {
  readonly usesStream = true;
  readonly #socket: Socket;
  readonly #handle: BunHandle;

  constructor(socket: Socket, handle: BunHandle) {
    this.#socket = socket;
    this.#handle = handle;
  }

  write(data: string | Uint8Array): boolean {
    if (typeof data === 'string') return this.#writeText(data);
    const written = this.#handle.write(data);
    if (written === data.length) return true;
    // The stream sends the rest, waits for room and tells of failures.
    return this.#socket.write(data.subarray(Math.max(0, written)));
  }

  /** Bun's handle would send a string as UTF-8, and the stream costs twice as much as the write. */
  #writeText(text: string): boolean {
    if (text.length > BUN_SCRATCH_BYTES) return this.#socket.write(text, 'latin1');
    bunScratch ??= Buffer.allocUnsafeSlow(BUN_SCRATCH_BYTES);
    const sizeBytes = bunScratch.write(text, 'latin1');
    const written = this.#handle.write(bunScratch, 0, sizeBytes);
    if (written === sizeBytes) return true;
    return this.#socket.write(Buffer.from(bunScratch.subarray(Math.max(0, written), sizeBytes)));
  }
}

class NodeWriter implements DirectWriter {
  readonly usesStream = false;
  readonly #socket: Socket;
  readonly #handle: StreamHandle;
  readonly #owner: WriterOwner;
  #pending = 0;

  constructor(socket: Socket, handle: StreamHandle, owner: WriterOwner) {
    this.#socket = socket;
    this.#handle = handle;
    this.#owner = owner;
  }

  write(data: string | Uint8Array): boolean {
    if (requestClass === NONE) return this.#writeWithoutRequest(data);
    const request = spare ?? new (requestClass as WriteRequestClass)();
    spare = null;
    const status =
      typeof data === 'string'
        ? this.#handle.writeLatin1String(request, data)
        : this.#handle.writeBuffer(request, data);
    if (status !== 0) {
      this.#fail(status);
      return false;
    }
    if (request.getAsyncId() !== UNUSED) {
      this.#await(request, data);
      return false;
    }
    spare = request;
    return true;
  }

  #writeWithoutRequest(data: string | Uint8Array): boolean {
    const result =
      typeof data === 'string'
        ? this.#handle.writeLatin1String(null, data)
        : this.#handle.writeBuffer(null, data);
    if (result === 0) return true;
    const status = typeof result === 'number' ? result : (result.writeStatus ?? null);
    if (status === null) this.#await(result as WriteRequest, data);
    else if (status < 0) this.#fail(status);
    else return this.#pending === 0;
    return false;
  }

  #await(request: WriteRequest, data: string | Uint8Array): void {
    this.#pending += 1;
    request.data = data;
    request.oncomplete = (status) => {
      this.#pending -= 1;
      if (this.#socket.destroyed) return;
      if (status < 0) this.#fail(status);
      else if (this.#pending === 0) this.#owner.drained();
    };
  }

  #fail(status: number): void {
    const code = getSystemErrorName(status);
    this.#socket.destroy(Object.assign(new Error(`write ${code}`), { code, syscall: 'write' }));
  }
}

function handleOf(socket: Socket): StreamHandle | null {
  if ('encrypted' in socket) return null;
  const { _handle: handle } = socket as { _handle?: Partial<StreamHandle> | null };
  const isUsable =
    typeof handle?.writeBuffer === 'function' && typeof handle.writeLatin1String === 'function';
  return isUsable ? (handle as StreamHandle) : null;
}

/** The class of write requests is not exported: it is that of the first request that the stream itself makes. */
function learnRequestClass(socket: Socket): void {
  const handle = handleOf(socket);
  if (handle === null) {
    if (!('encrypted' in socket)) requestClass = null;
    return;
  }
  for (const method of ['writeBuffer', 'writeLatin1String'] as const) {
    const original = handle[method] as (request: WriteRequest | null, data: unknown) => unknown;
    Object.defineProperty(handle, method, {
      configurable: true,
      value(this: StreamHandle, request: WriteRequest | null, data: unknown): unknown {
        delete (handle as Partial<StreamHandle>)[method];
        requestClass ??= request === null ? NONE : classOf(request);
        return original.call(this, request, data);
      },
    });
  }
}

function classOf(request: WriteRequest): WriteRequestClass | null {
  const Class = request.constructor as WriteRequestClass;
  return isKnownKind(Class) ? Class : null;
}

function isKnownKind(Class: WriteRequestClass): boolean {
  const request = new Class();
  return typeof request.getAsyncId === 'function' && request.getAsyncId() === UNUSED;
}
