import type { Clock, TimerHandle } from '@needletail/wire';

interface SentPing {
  readonly id: number;
  readonly sentAt: number;
  readonly timer: TimerHandle;
  readonly resolve: (roundTripMs: number) => void;
  readonly reject: (error: Error) => void;
}

export interface PingTrackerOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly send: (payload: Uint8Array) => void;
  /** The error for a ping that nothing answered in time. */
  readonly expired: () => Error;
}

const PAYLOAD_BYTES = 4;

/** Pings on their way. Each carries a number of its own; a pong answers that ping and those before it (RFC 6455 §5.5.3). */
export class PingTracker {
  readonly #options: PingTrackerOptions;
  #sent: SentPing[] = [];
  #nextId = 1;

  constructor(options: PingTrackerOptions) {
    this.#options = options;
  }

  /** Milliseconds until the answer. */
  ping(): Promise<number> {
    const { clock, timeoutMs, send } = this.#options;
    const id = this.#nextId;
    this.#nextId = (id + 1) >>> 0;
    const payload = Buffer.alloc(PAYLOAD_BYTES);
    payload.writeUInt32BE(id, 0);
    return new Promise((resolve, reject) => {
      const timer = clock.setTimer(timeoutMs, () => this.#expire(id));
      this.#sent.push({ id, sentAt: clock.now(), timer, resolve, reject });
      send(payload);
    });
  }

  /** A pong that answers no ping is none of our business: peers may send them unasked. */
  answered(bytes: Buffer, start: number, end: number): void {
    if (end - start !== PAYLOAD_BYTES) return;
    const id = bytes.readUInt32BE(start);
    const index = this.#sent.findIndex((ping) => ping.id === id);
    const now = this.#options.clock.now();
    for (const ping of this.#sent.splice(0, index + 1)) {
      this.#options.clock.clearTimer(ping.timer);
      ping.resolve(now - ping.sentAt);
    }
  }

  /** The connection is gone. */
  fail(error: Error): void {
    for (const ping of this.#sent.splice(0)) {
      this.#options.clock.clearTimer(ping.timer);
      ping.reject(error);
    }
  }

  #expire(id: number): void {
    const index = this.#sent.findIndex((ping) => ping.id === id);
    for (const ping of this.#sent.splice(index, 1)) ping.reject(this.#options.expired());
  }
}
