import { EncodeError } from './errors.ts';

/**
 * Holds a body to the Content-Length its head promised: a byte too few or too many shifts every later message of the
 * connection (RFC 9112 §6.2). After it throws, the connection must be destroyed, because the head has been sent.
 */
export class BodyLength {
  readonly #promised: number;
  #written = 0;

  constructor(contentLength: number) {
    this.#promised = contentLength;
  }

  /** To be called before the bytes are written. */
  add(sizeBytes: number): void {
    this.#written += sizeBytes;
    if (this.#written > this.#promised) throw this.#mismatch();
  }

  /** To be called when the body is complete. */
  end(): void {
    if (this.#written !== this.#promised) throw this.#mismatch();
  }

  #mismatch(): EncodeError {
    return new EncodeError(
      'LENGTH_MISMATCH',
      'body',
      `Body does not fit its head: ${this.#written} bytes where contentLength is ${this.#promised}. ` +
        'Destroy the connection, and give the length that is written.',
    );
  }
}
