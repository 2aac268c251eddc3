// Hot: one `feed` per message. Allocates nothing per call; a decoder per connection that is inside a message.
// The caller feeds again while bytes are left: a lane stops at the end of each message.
// Guarded by bench/src/server-cpu.ts (processor) and bench/src/server-memory.ts (idle connections hold none).
import {
  RequestDecoder,
  type RequestHead,
  type RequestLimits,
  type RequestSink,
} from '@needletail/wire';

/** What a message is handed to while a connection has the lane. */
export interface LaneOwner {
  onHead(head: RequestHead): void;
  onBody(buffer: Buffer, start: number, end: number): void;
  onMessageEnd(): void;
}

/** A decoder that serves one connection after the other, so that those that wait for a request need none of their own. */
export class DecoderLane implements RequestSink {
  readonly #decoder: RequestDecoder;
  #owner: LaneOwner | null = null;
  #isBetween = true;

  constructor(limits: Partial<RequestLimits>) {
    this.#decoder = new RequestDecoder(this, limits);
  }

  /** Whether the bytes so far end exactly where a message ended. */
  get isBetween(): boolean {
    return this.#isBetween;
  }

  own(owner: LaneOwner): void {
    this.#owner = owner;
  }

  /** As `RequestDecoder.feed`, up to the end of one message. */
  feed(buffer: Buffer, start: number, end: number): number {
    this.#isBetween = false;
    return this.#decoder.feed(buffer, start, end);
  }

  /** Throws when the client closed inside a message. */
  finish(): void {
    this.#decoder.finish();
  }

  /** Makes the lane fit for the next connection. */
  clear(): void {
    // After a request that announced the end the decoder ignores what comes (RFC 9112 §9.6).
    if (!this.#isBetween || !this.#decoder.keepAlive) this.#decoder.reset();
    this.#isBetween = true;
    this.#owner = null;
  }

  onHead(head: RequestHead): 0 {
    this.#owner!.onHead(head);
    return 0;
  }

  onBody(buffer: Buffer, start: number, end: number): void {
    this.#owner!.onBody(buffer, start, end);
  }

  onEnd(): boolean {
    this.#isBetween = true;
    this.#owner!.onMessageEnd();
    return false;
  }
}
