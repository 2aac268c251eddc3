import type { Clock } from '@needletail/wire';
import { bodyConsumed, type ResponseBody } from '../body/response-body.ts';
import { AppError, ClientError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { bodyTooLarge } from './refusals.ts';
import { withinLimits } from './within-limits.ts';

/** A body that somebody in this process makes, read under the limits that one from the network has. */
export class PulledBody implements ResponseBody {
  readonly #source: AsyncIterator<Uint8Array | string>;
  readonly #request: ClientRequest;
  readonly #clock: Clock;
  readonly #onOver: ((isWhole: boolean) => void) | undefined;
  #isTaken = false;
  #isOver = false;

  /** `onOver` is called once: when the source has ended or broken off, or the reader has left. */
  constructor(
    source: AsyncIterable<Uint8Array | string>,
    request: ClientRequest,
    clock: Clock,
    onOver?: (isWhole: boolean) => void,
  ) {
    this.#source = source[Symbol.asyncIterator]();
    this.#request = request;
    this.#clock = clock;
    this.#onOver = onOver;
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    if (this.#isTaken) throw bodyConsumed();
    this.#isTaken = true;
    return this.#chunks();
  }

  cancel(): void {
    this.#isTaken = true;
    if (this.#isOver) return;
    this.#end(false);
    // Whoever makes the body is told; what it says to that is of no interest to anybody.
    this.#source.return?.().catch(() => undefined);
  }

  async *#chunks(): AsyncGenerator<Buffer, undefined> {
    const { maxBodyBytes } = this.#request;
    let receivedBytes = 0;
    try {
      for (;;) {
        const next = await this.#next(receivedBytes);
        if (next.done === true) return undefined;
        const chunk = bufferOf(next.value);
        receivedBytes += chunk.length;
        if (receivedBytes > maxBodyBytes) throw bodyTooLarge(this.#request, maxBodyBytes);
        if (chunk.length > 0) yield chunk;
      }
    } finally {
      this.cancel();
    }
  }

  async #next(receivedBytes: number): Promise<IteratorResult<Uint8Array | string>> {
    const pulled = this.#source.next().then(
      (result) => {
        if (result.done === true) this.#end(true);
        return result;
      },
      (error: unknown) => {
        this.#end(false);
        throw appFailed(error, this.#request, 'body');
      },
    );
    return withinLimits(pulled, this.#request, this.#clock, receivedBytes + 1);
  }

  #end(isWhole: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver?.(isWhole);
  }
}

/** What an application in this process threw, as an error of this package; such errors stay as they are. */
export function appFailed(
  error: unknown,
  { method, url }: ClientRequest,
  phase: 'head' | 'body',
): ClientError {
  if (error instanceof ClientError) return error;
  return new AppError({
    code: 'APP_FAILED',
    phase,
    problem: 'Application failed',
    reason: `it threw ${String(error)}`,
    remedy: 'See the cause for where it was thrown',
    method,
    url: url.href,
    cause: error,
  });
}

/** A whole body is subject to `maxBodyBytes` too. */
export function checkedWhole(body: Buffer, request: ClientRequest): Buffer {
  if (body.length > request.maxBodyBytes) throw bodyTooLarge(request, request.maxBodyBytes);
  return body;
}

function bufferOf(chunk: Uint8Array | string): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk);
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
