import { FieldMap, LinkError, type Link, type LinkHandler } from '@needletail/wire';
import {
  CLOSE_ABNORMAL,
  CLOSE_NO_STATUS,
  CLOSE_NORMAL,
  FrameDecoder,
  FrameEncoder,
} from '@needletail/wire/websocket';
import type { BunWebSocket } from './bun-serve.ts';

/** Bun goes on reading while a link is paused; what may come in the meantime. */
const MOST_HELD_BYTES = 16 * 1024 * 1024;
const HEAD_END = '\r\n\r\n';
/** Of the handshake, and said by Bun itself. */
const SAID_BY_BUN = /^(?:connection|upgrade|sec-websocket-accept|sec-websocket-extensions)$/i;

/** Asks Bun to switch protocols with these fields; false when the client is gone. */
export type SwitchProtocols = (fields: [name: string, value: string][]) => boolean;

/**
 * A WebSocket of Bun as a link: frames that are written become its messages, its messages become frames that arrive. Bun keeps
 * its sockets to itself, and this keeps all that is known of WebSocket in one place.
 */
export class BunSocketLink implements Link {
  readonly #where: string;
  readonly #switch: SwitchProtocols;
  #handler: LinkHandler | null = null;
  #socket: BunWebSocket | null = null;
  /** The answer to the handshake, until all of it is there. */
  #opening: string | null = '';
  /** Frames written before Bun has opened the socket. */
  #early: Buffer[] = [];
  #isGone = false;
  #isPaused = false;
  #isBlocked = false;
  #held: Buffer[] = [];
  #heldBytes = 0;
  readonly #outgoing = new FrameDecoder(
    'client',
    {
      onText: (bytes, start, end) => this.#note(this.#socket!.sendText(text(bytes, start, end))),
      onBinary: (bytes, start, end) =>
        this.#note(this.#socket!.sendBinary(bytes.subarray(start, end))),
      onPing: (bytes, start, end) => this.#note(this.#socket!.ping(bytes.subarray(start, end))),
      // Bun answers pings itself.
      onPong: () => undefined,
      onClose: (code, reason) =>
        this.#socket!.close(code === CLOSE_NO_STATUS ? CLOSE_NORMAL : code, reason),
    },
    { maxMessageBytes: Infinity, maxFragments: Infinity },
  );
  readonly #incoming = new FrameEncoder('client');

  constructor(where: string, switchProtocols: SwitchProtocols) {
    this.#where = where;
    this.#switch = switchProtocols;
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler;
  }

  write(data: string | Uint8Array): boolean {
    if (this.#isGone) return false;
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : bufferOf(data);
    if (this.#opening !== null) this.#open(this.#opening + bytes.toString('latin1'));
    else if (this.#socket === null) this.#early.push(Buffer.from(bytes));
    else this.#outgoing.feed(bytes, 0, bytes.length);
    return !this.#isBlocked;
  }

  writeAll(pieces: readonly (string | Uint8Array)[]): boolean {
    for (const piece of pieces) this.write(piece);
    return !this.#isBlocked;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    queueMicrotask(() => this.#release());
  }

  /** Bun closes when both close frames have passed; without one it is told to. */
  end(): void {
    if (!this.#outgoing.isClosed) this.destroy();
  }

  destroy(): void {
    if (this.#isGone) return;
    this.#socket?.terminate();
    queueMicrotask(() => this.closed());
  }

  ref(): void {}

  unref(): void {}

  /** Bun has switched protocols. */
  opened(socket: BunWebSocket): void {
    this.#socket = socket;
    if (this.#isGone) return socket.terminate();
    for (const bytes of this.#early.splice(0)) this.#outgoing.feed(bytes, 0, bytes.length);
  }

  received(message: string | Uint8Array): void {
    if (typeof message === 'string') this.#incoming.text(message);
    else this.#incoming.binary(message);
    this.#flush();
  }

  ponged(payload: Uint8Array): void {
    this.#incoming.pong(payload);
    this.#flush();
  }

  drained(): void {
    this.#isBlocked = false;
    if (!this.#isGone) this.#handler?.onDrain();
  }

  /** The socket is closed; 1006 stands for one that was lost (RFC 6455 §7.1.5). */
  closed(code: number = CLOSE_ABNORMAL, reason = ''): void {
    if (this.#isGone) return;
    if (code !== CLOSE_ABNORMAL && !this.#incoming.isClosed) {
      if (code === CLOSE_NO_STATUS) this.#incoming.close();
      else this.#incoming.close(code, reason);
      this.#isPaused = false;
      this.#release();
      this.#flush();
    }
    this.#isGone = true;
    this.#handler?.onClose(null);
  }

  #open(head: string): void {
    const end = head.indexOf(HEAD_END);
    if (end === -1) {
      this.#opening = head;
      return;
    }
    this.#opening = null;
    const rest = Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
    if (rest.length > 0) this.#early.push(rest);
    const fields = [...FieldMap.ofHead(head.slice(0, end))];
    if (!head.startsWith('HTTP/1.1 101 ')) {
      throw new LinkError('FAILED', 'write', this.#where, {
        reason: 'Bun.serve can switch to WebSocket only',
        remedy: 'Use the wire backend, which runs on Bun.',
      });
    }
    if (!this.#switch(fields.filter(([name]) => !SAID_BY_BUN.test(name)))) this.destroy();
  }

  #flush(): void {
    this.#incoming.flush({
      write: (data) => this.#arrived(data),
      writeAll: (all) => this.#arrivedAll(all),
    });
  }

  #arrivedAll(pieces: readonly Uint8Array[]): boolean {
    for (const piece of pieces) this.#arrived(piece);
    return true;
  }

  #arrived(data: Uint8Array): boolean {
    const bytes = bufferOf(data);
    if (!this.#isPaused && this.#held.length === 0) this.#handler?.onBytes(bytes, bytes.length);
    else {
      this.#held.push(Buffer.from(bytes));
      this.#heldBytes += bytes.length;
      if (this.#heldBytes > MOST_HELD_BYTES) this.destroy();
    }
    return true;
  }

  #release(): void {
    while (!this.#isPaused && !this.#isGone) {
      const bytes = this.#held.shift();
      if (bytes === undefined) return;
      this.#heldBytes -= bytes.length;
      this.#handler?.onBytes(bytes, bytes.length);
    }
  }

  /** What Bun says of a message: bytes sent, -1 when it waits for the client, 0 when it was dropped. */
  #note(sent: number): void {
    if (sent <= 0) this.#isBlocked = true;
  }
}

function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end);
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
