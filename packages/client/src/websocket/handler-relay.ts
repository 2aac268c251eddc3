import type { LinkHandler, OpenTimings } from '@needletail/wire';

/** Passes on what a link says to whoever is in charge of it: the handshake first, then the connection. */
export class HandlerRelay implements LinkHandler {
  target: LinkHandler;

  constructor(target: LinkHandler) {
    this.target = target;
  }

  onOpen(timings: OpenTimings): void {
    this.target.onOpen(timings);
  }

  onBytes(buffer: Buffer, end: number): void {
    this.target.onBytes(buffer, end);
  }

  onDrain(): void {
    this.target.onDrain();
  }

  onEnd(): void {
    this.target.onEnd();
  }

  onClose(error: Error | null): void {
    this.target.onClose(error);
  }
}
