import { systemClock, type Clock } from '../clock.ts';
import { LinkError } from './errors.ts';
import type { Connector, Link, LinkHandler } from './link.ts';

export interface MemoryLinkOptions {
  /** Queued bytes from which `write` answers false; 64 KiB unless set. */
  readonly highWaterBytes?: number;
  /** Most bytes one `onBytes` delivers; 64 KiB unless set. */
  readonly readBytes?: number;
}

/** One end of a pair; it opens when both ends have their handler. */
export interface MemoryLink extends Link {
  attach(handler: LinkHandler): void;
}

const DEFAULT_BYTES = 65_536;
const OPENED_TIMINGS = { connectMs: 0, tlsMs: 0 };
/** What a delivered buffer is overwritten with, so that a handler that kept a view of it is found out. */
const SPENT_BYTE = 0xdb;

/**
 * Two links joined in memory. Bytes written to one arrive at the other in order, in a later turn of `clock.soon`,
 * and in a buffer that is overwritten afterwards, exactly as a socket would have it.
 */
export function memoryPair(
  clock: Clock = systemClock,
  options: MemoryLinkOptions = {},
): { readonly left: MemoryLink; readonly right: MemoryLink } {
  const left = new MemoryEnd(clock, options);
  const right = new MemoryEnd(clock, options);
  left.join(right);
  right.join(left);
  return { left, right };
}

/** A network of one host: each `connect` makes a pair and hands its far end to `accept`, as a listener would. */
export class MemoryNetwork implements Connector {
  readonly #accept: (link: Link) => LinkHandler;
  readonly #clock: Clock;
  readonly #options: MemoryLinkOptions;

  constructor(
    accept: (link: Link) => LinkHandler,
    clock: Clock = systemClock,
    options: MemoryLinkOptions = {},
  ) {
    this.#accept = accept;
    this.#clock = clock;
    this.#options = options;
  }

  connect(handler: LinkHandler): Link {
    const { left, right } = memoryPair(this.#clock, this.#options);
    right.attach(this.#accept(right));
    left.attach(handler);
    return left;
  }
}

class MemoryEnd implements MemoryLink {
  readonly #clock: Clock;
  readonly #highWaterBytes: number;
  readonly #buffer: Buffer;
  #peer: MemoryEnd | undefined;
  #handler: LinkHandler | undefined;
  #isOpen = false;
  #isGone = false;
  #isPaused = false;
  #hasEnded = false;
  #peerEnded = false;
  #sawEnd = false;
  #mustDrain = false;
  #isScheduled = false;
  #closeReason: Error | null = null;
  /** Bytes on their way to this end, oldest first. */
  #inbox: Buffer[] = [];
  #inboxBytes = 0;

  constructor(clock: Clock, options: MemoryLinkOptions) {
    this.#clock = clock;
    this.#highWaterBytes = options.highWaterBytes ?? DEFAULT_BYTES;
    this.#buffer = Buffer.alloc(options.readBytes ?? DEFAULT_BYTES);
  }

  join(peer: MemoryEnd): void {
    this.#peer = peer;
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler;
    const peer = this.#peer!;
    if (peer.#handler === undefined) return;
    // The end that was there first is the listening one: it opens first, as an accepted socket does.
    this.#clock.soon(() => peer.#open());
    this.#clock.soon(() => this.#open());
  }

  #open(): void {
    if (this.#isGone) return;
    this.#isOpen = true;
    this.#handler!.onOpen(OPENED_TIMINGS);
    this.#schedule();
  }

  write(data: string | Uint8Array): boolean {
    return this.writeAll([data]);
  }

  writeAll(pieces: readonly (string | Uint8Array)[]): boolean {
    if (this.#isGone) return false;
    this.#refuseWrite();
    const peer = this.#peer!;
    if (peer.#isGone) {
      this.#leave(this.#resetError());
      return false;
    }
    for (const piece of pieces) {
      // A string is cut to one byte a character, as a socket does; bytes are copied, for the writer keeps its own.
      const bytes = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece);
      if (bytes.length > 0) peer.#inbox.push(bytes);
      peer.#inboxBytes += bytes.length;
    }
    peer.#schedule();
    if (peer.#inboxBytes < this.#highWaterBytes) return true;
    this.#mustDrain = true;
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  end(): void {
    if (!this.#isOpen) return this.destroy();
    if (this.#hasEnded || this.#isGone) return;
    this.#hasEnded = true;
    this.#peer!.#peerEnded = true;
    this.#peer!.#schedule();
    this.#closeWhenBothEnded();
  }

  destroy(error?: Error): void {
    if (this.#isGone) return;
    const hadUnread = this.#inboxBytes > 0;
    this.#leave(error ?? null);
    const peer = this.#peer!;
    // TCP answers unread bytes with a reset as well (RFC 1122 §4.2.2.13).
    if (error !== undefined || hadUnread || !peer.#isOpen) peer.#leave(peer.#resetError());
    else {
      peer.#peerEnded = true;
      peer.#schedule();
    }
  }

  /** Memory keeps no process alive. */
  unref(): void {}

  ref(): void {}

  #leave(reason: Error | null): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#closeReason = reason;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#clock.soon(() => this.#handler?.onClose(this.#closeReason));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isGone || !this.#isOpen) return;
    this.#isScheduled = true;
    this.#clock.soon(() => {
      this.#isScheduled = false;
      this.#deliver();
    });
  }

  /** One piece a turn, so that two busy links take turns. */
  #deliver(): void {
    if (this.#isGone || this.#isPaused) return;
    const next = this.#inbox[0];
    if (next !== undefined) {
      const sizeBytes = next.copy(this.#buffer);
      if (sizeBytes === next.length) this.#inbox.shift();
      else this.#inbox[0] = next.subarray(sizeBytes);
      this.#inboxBytes -= sizeBytes;
      this.#handler!.onBytes(this.#buffer, sizeBytes);
      this.#buffer.fill(SPENT_BYTE, 0, sizeBytes);
      this.#schedule();
      if (this.#inboxBytes === 0) this.#peer!.#drained();
      return;
    }
    if (this.#peerEnded && !this.#sawEnd) {
      this.#sawEnd = true;
      this.#handler!.onEnd();
      this.#closeWhenBothEnded();
    }
  }

  #drained(): void {
    if (!this.#mustDrain || this.#isGone) return;
    this.#mustDrain = false;
    this.#handler!.onDrain();
  }

  #closeWhenBothEnded(): void {
    if (this.#hasEnded && this.#sawEnd) this.#leave(null);
  }

  #refuseWrite(): void {
    if (this.#isOpen && !this.#hasEnded) return;
    throw new LinkError(this.#isOpen ? 'CLOSED' : 'NOT_OPEN', 'write', 'memory', {
      reason: this.#isOpen ? 'the sending half was already ended' : 'the link is still opening',
      remedy: this.#isOpen ? 'Write before calling end.' : 'Write from onOpen on.',
    });
  }

  #resetError(): LinkError {
    return new LinkError('RESET', 'read', 'memory', {
      reason: 'the peer reset it',
      remedy: 'Check why the other end was destroyed.',
    });
  }
}
