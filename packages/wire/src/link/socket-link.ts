/**
 * Hot: `write` and `receive` run once or twice per request and allocate nothing of their own.
 * `receive` gets the runtime's buffer as it is: the handler copies what it keeps.
 * Guarded by the link contract suite.
 */
import type { Socket } from 'node:net';
import { classifySocketError, LinkError } from './errors.ts';
import type { Link, LinkHandler, OpenTimings } from './link.ts';

const OPENING = 0;
const OPEN = 1;
const ENDED = 2;
const GONE = 3;

const UNATTACHED: LinkHandler = {
  onOpen() {},
  onBytes() {},
  onDrain() {},
  onEnd() {},
  onClose() {},
};

/**
 * A link over one `node:net` or `node:tls` socket. Whoever makes the socket drives `use`, `opened`, `receive` and
 * `closed`; the user of the link sees only `Link`.
 */
export class SocketLink implements Link {
  readonly where: string;
  #handler: LinkHandler = UNATTACHED;
  #socket: Socket | undefined;
  #state: typeof OPENING | typeof OPEN | typeof ENDED | typeof GONE = OPENING;
  #error: Error | null = null;
  #closed = false;

  /** `where` is the address that errors name. */
  constructor(where: string) {
    this.where = where;
  }

  /** True once the link was dropped, by either side. */
  get gone(): boolean {
    return this.#state === GONE;
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler;
  }

  /** Makes `socket` the one that `destroy` reaches; it may still be connecting, and another may replace it. */
  use(socket: Socket): void {
    this.#socket = socket;
  }

  /** The socket in use is ready: its events reach the handler from here on. */
  opened(timings: OpenTimings): void {
    const socket = this.#socket;
    if (socket === undefined || this.#state === GONE) return;
    this.#state = OPEN;
    socket.on('drain', () => {
      if (this.#state !== GONE) this.#handler.onDrain();
    });
    socket.on('end', () => {
      if (this.#state !== GONE) this.#handler.onEnd();
    });
    this.#handler.onOpen(timings);
  }

  receive(buffer: Buffer, end: number): void {
    if (this.#state !== GONE) this.#handler.onBytes(buffer, end);
  }

  /** Notes why an open link is about to close; what a socket says after `destroy` is of no interest any more. */
  failed(cause: Error): void {
    if (this.#state === GONE) return;
    this.#state = GONE;
    const phase = (cause as NodeJS.ErrnoException).syscall === 'write' ? 'write' : 'read';
    this.#error = classifySocketError(cause, phase, this.where);
  }

  /** The last call: the socket is gone. `reason` counts unless the link already has one. */
  closed(reason: Error | null): void {
    if (this.#closed) return;
    this.#closed = true;
    const dropped = this.#state === GONE;
    this.#state = GONE;
    this.#handler.onClose(dropped ? this.#error : reason);
  }

  write(data: string | Uint8Array): boolean {
    if (this.#state !== OPEN) return this.#refuseWrite();
    const socket = this.#socket!;
    return typeof data === 'string' ? socket.write(data, 'latin1') : socket.write(data);
  }

  writeAll(pieces: readonly (string | Uint8Array)[]): boolean {
    if (this.#state !== OPEN) return this.#refuseWrite();
    const socket = this.#socket!;
    let accepted = true;
    socket.cork();
    for (const piece of pieces) {
      accepted = typeof piece === 'string' ? socket.write(piece, 'latin1') : socket.write(piece);
    }
    socket.uncork();
    return accepted;
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
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
    this.#error = error ?? null;
    const socket = this.#socket;
    if (socket === undefined) return;
    if (error !== undefined && wasOpen && canReset(socket)) socket.resetAndDestroy();
    else socket.destroy();
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

/** TLS and unix sockets have no reset, and one without a peer address is beyond it. */
function canReset(socket: Socket): boolean {
  return (
    typeof socket.resetAndDestroy === 'function' &&
    !('encrypted' in socket) &&
    socket.remoteAddress !== undefined
  );
}
