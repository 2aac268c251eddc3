import type { Clock } from '@needletail/wire';
import type { ResponseBody } from '../body/response-body.ts';
import { AbortedError, TotalTimeoutError } from '../errors.ts';
import type { ClientRequest } from '../model/client-request.ts';
import type { Exchange, Layer } from './layer.ts';

/** Ends the exchange, and the reading of a streamed body, when `timeouts.total` is over; sets a timer only then. */
export function totalTimeoutLayer(clock: Clock): Layer {
  return (request, next) => {
    const { total } = request.timeouts;
    if (total === Infinity) return next(request);
    const deadline = new Deadline(request, clock);
    return next({ ...request, signal: deadline.signal }).then(
      (exchange) => deadline.passOn(exchange),
      (error: unknown) => {
        deadline.clear();
        throw deadline.explain(error);
      },
    );
  };
}

/** One timer, and a signal that stands for it and for the one that the caller gave. */
class Deadline {
  readonly #request: ClientRequest;
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #timer: unknown;
  #isOver = false;

  constructor(request: ClientRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    const leftMs = request.startedAtMs + request.timeouts.total - clock.now();
    this.#timer = clock.setTimer(Math.max(0, leftMs), () => {
      this.#isOver = true;
      this.#controller.abort(this.#error());
    });
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

  /** The deadline also ends pauses and reads, which report it as an abort. */
  explain(error: unknown): unknown {
    if (!(error instanceof AbortedError)) return error;
    if (this.#isOver) return this.#error();
    const { signal, method, url } = this.#request;
    return signal?.aborted === true ? AbortedError.of(signal, method, url.href) : error;
  }

  /** The request as the caller knows it, and a body that stays under the deadline. */
  passOn(exchange: Exchange): Exchange {
    const { response } = exchange;
    if (Buffer.isBuffer(response.body)) {
      this.clear();
      return exchange;
    }
    return { ...exchange, response: withBody(response, new TimedBody(response.body, this)) };
  }

  readonly #onAbort = (): void => {
    this.#controller.abort(this.#request.signal?.reason);
  };

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
