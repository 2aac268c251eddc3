/**
 * Hot: `write` and `receive` run once or twice per request and allocate nothing of their own.
 * `receive` gets the runtime's buffer as it is: the handler copies what it keeps.
 * Guarded by the link contract suite.
 */
import type { Socket } from 'node:net';
import { directWriterOf, mayWriteDirectly, type DirectWriter } from './direct-write.ts';
import { classifySocketError, LinkError, type LinkPhase } from './errors.ts';
import type { Link, LinkHandler, OpenTimings } from './link.ts';

const OPENING = 0;
const OPEN = 1;
const ENDED = 2;
const GONE = 3;

/** Bytes, or the end of them. */
type Held = Buffer | typeof END;
const END = Symbol('end');

const UNATTACHED: LinkHandler = {
  onOpen() {},
  onBytes() {},
  onDrain() {},
  onEnd() {},
  onClose() {},
};

/**
 * A link over one `node:net` or `node:tls` socket. Whoever makes the socket drives `whileOpening`, `follow`, `opened`,
 * `receive` and, where there is no socket, `closed`; the user of the link sees only `Link`.
 */
export class SocketLink implements Link {
  readonly where: string;
  readonly #onFinished: ((link: SocketLink) => void) | null;
  #handler: LinkHandler = UNATTACHED;
  #socket: Socket | undefined;
  #cancel: (() => void) | null = null;
  #state: typeof OPENING | typeof OPEN | typeof ENDED | typeof GONE = OPENING;
  #error: Error | null = null;
  #isSocketClosed = false;
  #isFinished = false;
  #isPaused = false;
  /** False while paused, and until what arrived in spite of the pause has been passed on. */
  #isDirect = true;
  #held: Held[] = [];
  #writer: DirectWriter | null = null;
  #triesDirect = true;
  /** Whether bytes may be queued in the stream, so that it has to be asked before it is passed by. */
  #mayBeQueued = true;

  /** `where` is the address that errors name; `onFinished` hears of the end, after the handler. */
  constructor(where: string, onFinished: ((link: SocketLink) => void) | null = null) {
    this.where = where;
    this.#onFinished = onFinished;
  }

  /** True once the link was dropped, by either side. */
  get gone(): boolean {
    return this.#state === GONE;
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler;
  }

  /** What `destroy` calls while there is no socket yet; `closed` must come of it, later. */
  whileOpening(cancel: () => void): void {
    this.#cancel = cancel;
  }

  /** Makes `socket` the one that carries the link: it is ready, and its end is the end of the link. */
  follow(socket: Socket): void {
    this.#socket = socket;
    this.#cancel = null;
    socket.on('error', (error) => this.failed(error));
    socket.on('close', () => this.closed(null));
  }

  /** The handler may use the link, and hears of it from here on. */
  opened(timings: OpenTimings): void {
    const socket = this.#socket;
    if (socket === undefined || this.#state === GONE) return;
    this.#state = OPEN;
    socket.on('drain', () => this.drained());
    socket.on('end', () => {
      if (this.#state === GONE) return;
      if (this.#isDirect) this.#handler.onEnd();
      else this.#held.push(END);
    });
    if (this.#isPaused) socket.pause();
    this.#handler.onOpen(timings);
  }

  receive(buffer: Buffer, end: number): void {
    if (this.#state === GONE) return;
    if (this.#isDirect) this.#handler.onBytes(buffer, end);
    // A paused TLS socket still hands over the records of the read it is in: at most one read buffer full.
    else this.#held.push(Buffer.from(buffer.subarray(0, end)));
  }

  /** Notes why an open link is about to close; what a socket says after `destroy` is of no interest any more. */
  failed(cause: Error): void {
    if (this.#state === GONE) return;
    this.#state = GONE;
    this.#held = [];
    this.#error = classifySocketError(cause, phaseOf(cause), this.where);
    // After an alert (RFC 8446 §6.2) Node leaves a half-open TLS socket as it is.
    this.#socket?.destroy();
  }

  /** The last call: the socket is gone. `reason` counts unless the link already has one. */
  closed(reason: Error | null): void {
    if (this.#state !== GONE) this.#error = reason;
    this.#isSocketClosed = true;
    if (this.#held.length === 0) this.#finish();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#state = GONE;
    this.#handler.onClose(this.#error);
    this.#onFinished?.(this);
  }

  write(data: string | Uint8Array): boolean {
    if (this.#state !== OPEN) return this.#refuseWrite();
    const socket = this.#socket!;
    if (this.#writer !== null && (!this.#mayBeQueued || this.#isDrained(socket, this.#writer))) {
      return this.#writer.write(data);
    }
    if (this.#triesDirect) this.#tryDirect(socket);
    this.#mayBeQueued = true;
    return typeof data === 'string' ? socket.write(data, 'latin1') : socket.write(data);
  }

  /** The state of a stream that was not asked for a while is far away: with 1,000 connections each look at it is a wait for memory. */
  #isDrained(socket: Socket, { usesStream }: DirectWriter): boolean {
    if (socket.writableLength > 0) return false;
    this.#mayBeQueued = usesStream;
    return true;
  }

  /** Prepares for later writes to go to the handle; the first of a thread shows whether they can. */
  #tryDirect(socket: Socket): void {
    this.#writer = directWriterOf(socket, this);
    this.#triesDirect = this.#writer === null && mayWriteDirectly(socket);
  }

  /** Everything that was queued has been sent. */
  drained(): void {
    if (this.#state !== GONE) this.#handler.onDrain();
  }

  writeAll(pieces: readonly (string | Uint8Array)[]): boolean {
    if (this.#state !== OPEN) return this.#refuseWrite();
    const socket = this.#socket!;
    let accepted = true;
    this.#mayBeQueued = true;
    socket.cork();
    for (const piece of pieces) {
      accepted = typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece);
    }
    socket.uncork();
    return accepted;
  }

  pause(): void {
    this.#isPaused = true;
    this.#isDirect = false;
    this.#socket?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#held.length > 0) queueMicrotask(() => this.#release());
    else this.#flow();
  }

  #flow(): void {
    this.#isDirect = true;
    this.#socket?.resume();
  }

  /** Passes on what was held, oldest first; the handler may pause again, or drop the link, in the middle of it. */
  #release(): void {
    while (!this.#isPaused && this.#held.length > 0) {
      const next = this.#held.shift()!;
      if (next === END) this.#handler.onEnd();
      else this.#handler.onBytes(next, next.length);
    }
    if (this.#held.length > 0) return;
    if (this.#isSocketClosed) this.#finish();
    else if (!this.#isPaused) this.#flow();
  }

  end(): void {
    if (this.#state === OPENING) {
      this.destroy();
    } else if (this.#state === OPEN) {
      this.#state = ENDED;
      this.#socket!.end();
    }
  }

  destroy(error?: Error): void {
    if (this.#state === GONE) return;
    const wasOpen = this.#state !== OPENING;
    this.#state = GONE;
    this.#held = [];
    this.#error = error ?? null;
    if (this.#isSocketClosed) return queueMicrotask(() => this.#finish());
    const socket = this.#socket;
    if (socket === undefined) return this.#cancel?.();
    if (error !== undefined && wasOpen && canReset(socket)) socket.resetAndDestroy();
    else socket.destroy();
  }

  unref(): void {
    this.#socket?.unref();
  }

  ref(): void {
    this.#socket?.ref();
  }

  #refuseWrite(): boolean {
    if (this.#state === OPENING) {
      throw new LinkError('NOT_OPEN', 'write', this.where, {
        reason: 'the link is still opening',
        remedy: 'Write from onOpen on.',
      });
    }
    if (this.#state === ENDED) {
      throw new LinkError('CLOSED', 'write', this.where, {
        reason: 'the sending half was already ended',
        remedy: 'Write before calling end.',
      });
    }
    return false;
  }
}

function phaseOf({ code, syscall }: NodeJS.ErrnoException): LinkPhase {
  if (code?.startsWith('ERR_SSL') === true) return 'tls';
  return syscall === 'write' ? 'write' : 'read';
}

/** TLS and unix sockets have no reset, and one without a peer address is beyond it. */
function canReset(socket: Socket): boolean {
  return (
    typeof socket.resetAndDestroy === 'function' &&
    !('encrypted' in socket) &&
    socket.remoteAddress !== undefined
  );
}
