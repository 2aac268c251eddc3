/**
 * A link carries bytes both ways and knows nothing of HTTP. Three kinds exist: TCP, TLS and an in-memory pair;
 * one contract suite runs over all of them.
 *
 *   onOpen ── onBytes* ── (onEnd) ── onClose        onClose comes exactly once and last, also when opening failed
 */
export interface Link {
  /**
   * Sends bytes; a string is sent as latin1, one byte a character (validate first: code points past 0xFF lose bits).
   * Returns false when the bytes were queued and the writer should wait for `onDrain`. A `Uint8Array` belongs to the
   * link until `onDrain`. Throws a `LinkError` before `onOpen` (NOT_OPEN) and after `end` (CLOSED); on a link that is
   * going away the bytes are dropped and `onClose` tells why.
   */
  write(data: string | Uint8Array): boolean;
  /** Sends several pieces in one system call where the runtime can. */
  writeAll(pieces: readonly (string | Uint8Array)[]): boolean;
  /** Stops `onBytes` until `resume`; bytes already handed over are not taken back. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes the sending half. */
  end(): void;
  /**
   * Drops the link at once, with all that is still queued; `onClose` follows with `error` or null, and nothing else
   * does. With an error the peer sees a reset where the link has one (TCP), without one it sees an end.
   */
  destroy(error?: Error): void;
  /** Lets the process end although the link is open, as a connection that waits for work should; `ref` undoes it. */
  unref(): void;
  ref(): void;
}

/** How long it took to open a link, in milliseconds; `tlsMs` is 0 on a plain link. */
export interface OpenTimings {
  readonly connectMs: number;
  readonly tlsMs: number;
}

export interface LinkHandler {
  /** The link is ready for bytes: connected, and over TLS handshaken and verified. */
  onOpen(timings: OpenTimings): void;
  /**
   * Bytes `[0, end)` of `buffer` arrived. The buffer is shared by every link of the thread and is overwritten after
   * the call returns: copy what must outlive it.
   */
  onBytes(buffer: Buffer, end: number): void;
  /** Everything that `write` had queued has been sent. */
  onDrain(): void;
  /** The peer closed its sending half; nothing more will arrive. The link stays open until `end` or `destroy`. */
  onEnd(): void;
  /** The link is gone; `error` is null after an orderly close. */
  onClose(error: Error | null): void;
}

/** Whatever opens links to one place: a `Dialer` over the network, a `MemoryNetwork` in a test. */
export interface Connector {
  connect(handler: LinkHandler): Link;
}
