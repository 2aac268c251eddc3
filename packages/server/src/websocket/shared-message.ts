import { FrameEncoder, type FrameTarget, type MessageDeflate } from '@needletail/wire/websocket';

/** Keeps what an encoder hands over as one piece. */
class OnePiece implements FrameTarget {
  bytes: Uint8Array = new Uint8Array(0);

  write(data: Uint8Array): boolean {
    this.bytes = data;
    return true;
  }

  writeAll(pieces: readonly Uint8Array[]): boolean {
    this.bytes = Buffer.concat(pieces);
    return true;
  }
}

/** A message for many sockets: encoded once, compressed once for each way of doing so, and only when somebody needs it. */
export class SharedMessage {
  readonly #message: string | Uint8Array;
  #plain: Uint8Array | null = null;
  #deflated: Map<MessageDeflate, Uint8Array> | null = null;

  constructor(message: string | Uint8Array) {
    this.#message = message;
  }

  /** The whole frame, for a connection that agreed on `deflate`. */
  frame(deflate: MessageDeflate | null): Uint8Array {
    if (deflate === null) return (this.#plain ??= this.#encode(null));
    this.#deflated ??= new Map();
    const known = this.#deflated.get(deflate);
    if (known !== undefined) return known;
    const made = this.#encode(deflate);
    this.#deflated.set(deflate, made);
    return made;
  }

  #encode(deflate: MessageDeflate | null): Uint8Array {
    const encoder = new FrameEncoder('server', deflate);
    const target = new OnePiece();
    if (typeof this.#message === 'string') encoder.text(this.#message);
    else encoder.binary(this.#message);
    encoder.flush(target);
    return target.bytes;
  }
}
