import type { Link, LinkHandler, OpenTimings } from '@needletail/wire';

export type LinkEvent = 'open' | 'bytes' | 'drain' | 'end' | 'close';

interface Waiter {
  readonly isMet: () => boolean;
  readonly resolve: () => void;
}

/**
 * A link handler that writes down what it is told, copies the bytes, and lets a test wait for any of it. Replies are
 * given by assigning `reply`, which runs inside `onBytes` after the copy.
 */
export class LinkProbe implements LinkHandler {
  /** Set by whoever opened or accepted the link. */
  link!: Link;
  readonly events: LinkEvent[] = [];
  timings: OpenTimings | undefined;
  closeReason: Error | null | undefined;
  receivedBytes = 0;
  reply: ((bytes: Buffer) => void) | undefined;
  readonly #received: Buffer[] = [];
  #waiters: Waiter[] = [];

  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  count(event: LinkEvent): number {
    return this.events.filter((seen) => seen === event).length;
  }

  onOpen(timings: OpenTimings): void {
    this.timings = timings;
    this.#note('open');
  }

  onBytes(buffer: Buffer, end: number): void {
    const bytes = Buffer.from(buffer.subarray(0, end));
    this.#received.push(bytes);
    this.receivedBytes += end;
    this.reply?.(bytes);
    this.#note('bytes');
  }

  onDrain(): void {
    this.#note('drain');
  }

  onEnd(): void {
    this.#note('end');
  }

  onClose(error: Error | null): void {
    this.closeReason = error;
    this.#note('close');
  }

  /** Resolves at the first moment `isMet` holds; checked after each event. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ isMet, resolve }));
  }

  /** Resolves once `event` has been seen `times` times. */
  saw(event: LinkEvent, times = 1): Promise<void> {
    return this.until(() => this.count(event) >= times);
  }

  #note(event: LinkEvent): void {
    this.events.push(event);
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!waiter.isMet()) return true;
      waiter.resolve();
      return false;
    });
  }
}
