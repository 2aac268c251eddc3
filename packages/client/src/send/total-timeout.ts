import type { Clock, TimerHandle } from '@needletail/wire';
import type { ResponseBody } from '../body/response-body.ts';
import { AbortedError, TotalTimeoutError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import { responseWithBody } from '../transport/response-with-body.ts';
import type { Exchange, Layer } from './layer.ts';
import { setAside } from './set-aside.ts';

/**
 * Ends the exchange, and the reading of a streamed body, when `timeouts.total` is over; sets a timer only then. What does
 * not heed its signal, a hook for example, is not waited for.
 */
export function totalTimeoutLayer(clock: Clock): Layer {
  return (request, next) => {
    if (request.timeouts.total === Infinity) return next(request);
    const deadline = new Deadline(request, clock);
    const answer = next({ ...request, signal: deadline.signal });
    return deadline.race(answer).then(
      (exchange) => deadline.passOn(exchange),
      (error: unknown) => {
        deadline.clear();
        // Whoever comes too late is let go of; how it failed is no longer of interest.
        void answer.then(setAside, () => null);
        throw error;
      },
    );
  };
}

/** One timer, and a signal that stands for it and for the one that the caller gave. */
class Deadline {
  readonly #request: ClientRequest;
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #timer: TimerHandle;
  #isOver = false;
  /** Rejects what is being waited for. */
  #interrupt: ((error: Error) => void) | null = null;

  constructor(request: ClientRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    const leftMs = request.startedAtMs + request.timeouts.total - clock.now();
    this.#timer = clock.setTimer(Math.max(0, leftMs), this.#onTime);
    if (request.signal?.aborted === true) this.#onAbort();
    else request.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    this.#clock.clearTimer(this.#timer);
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** `work`, or TotalTimeoutError when that comes first. One at a time. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      if (this.#isOver) reject(this.#error());
      work.then(resolve, (error: unknown) => reject(this.#explain(error)));
    });
  }

  /** The exchange, its body still under the deadline where it is to be read. */
  passOn(exchange: Exchange): Exchange {
    const { response } = exchange;
    if (Buffer.isBuffer(response.body)) {
      this.clear();
      return exchange;
    }
    const body = new TimedBody(response.body, this);
    return { ...exchange, response: responseWithBody(response, body) };
  }

  readonly #onTime = (): void => {
    this.#isOver = true;
    const error = this.#error();
    this.#controller.abort(error);
    this.#interrupt?.(error);
  };

  readonly #onAbort = (): void => {
    this.#controller.abort(this.#request.signal?.reason);
  };

  /** The deadline ends pauses and reads through the signal, which they report as an abort. */
  #explain(error: unknown): Error {
    return this.#isOver && error instanceof AbortedError ? this.#error() : (error as Error);
  }

  #error(): TotalTimeoutError {
    const { method, url, timeouts } = this.#request;
    return new TotalTimeoutError({
      code: 'TOTAL_TIMEOUT',
      phase: 'total',
      problem: 'Request timed out',
      reason: `it was not done after ${timeouts.total} ms`,
      remedy: 'Raise timeout.total, or find out what is slow: see the other limits of timeout',
      method,
      url: url.href,
    });
  }
}

/** A body whose reading ends with the deadline at the latest. */
class TimedBody implements ResponseBody, AsyncIterator<Buffer, undefined> {
  readonly #body: ResponseBody;
  readonly #deadline: Deadline;
  #chunks: AsyncIterator<Buffer, undefined> | null = null;
  #readBytes = 0;

  constructor(body: ResponseBody, deadline: Deadline) {
    this.#body = body;
    this.#deadline = deadline;
  }

  get receivedBytes(): number {
    return this.#body.receivedBytes ?? this.#readBytes;
  }

  cancel(): void {
    this.#deadline.clear();
    this.#body.cancel();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    this.#chunks = this.#body[Symbol.asyncIterator]();
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    try {
      const step = await this.#deadline.race(this.#chunks!.next());
      if (step.done === true) this.#deadline.clear();
      else this.#readBytes += step.value.length;
      return step;
    } catch (error) {
      this.cancel();
      throw error;
    }
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve({ done: true, value: undefined });
  }
}
