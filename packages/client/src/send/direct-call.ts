// Hot: one per call that goes to its transport directly; it is its own exchange and its own receiver, so that a call costs
// one promise. Guarded by bench/src/client-cpu.ts.
import type { Clock } from '@needletail/wire';
import type { ClientRequest } from '../model/client-request.ts';
import type { ResponseReceiver, TransportResponse } from '../transport/transport.ts';
import type { Exchange } from './layer.ts';
import { NO_HISTORY } from './route.ts';

/** Makes of an exchange what the caller gets. */
export type Finish<T> = (exchange: Exchange, clock: Clock) => T;

/** Looks at answers before their callers get them. */
export interface Inspector {
  readonly clock: Clock;
  /** The exchange to go on with; throws, or rejects with, errors of this package. `request` is as it was before cookies. */
  inspect(request: ClientRequest, exchange: Exchange): Exchange | Promise<Exchange>;
}

/** A call on its way to a transport and back, settled once. */
export class DirectCall<T> implements Exchange, ResponseReceiver {
  readonly request: ClientRequest;
  response!: TransportResponse;
  readonly history: readonly Exchange[] = NO_HISTORY;
  readonly #original: ClientRequest;
  readonly #inspector: Inspector;
  readonly #finish: Finish<T>;
  readonly #resolve: (result: T | Promise<T>) => void;
  readonly #reject: (error: unknown) => void;

  /** `sent` is `original`, or that with what is stored for its URL. */
  constructor(
    inspector: Inspector,
    original: ClientRequest,
    sent: ClientRequest,
    finish: Finish<T>,
    resolve: (result: T | Promise<T>) => void,
    reject: (error: unknown) => void,
  ) {
    this.request = sent;
    this.#original = original;
    this.#inspector = inspector;
    this.#finish = finish;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  answered(response: TransportResponse): void {
    this.response = response;
    const { clock } = this.#inspector;
    try {
      const exchange = this.#inspector.inspect(this.#original, this);
      this.#resolve(
        exchange instanceof Promise
          ? exchange.then((settled) => this.#finish(settled, clock))
          : this.#finish(exchange, clock),
      );
    } catch (error) {
      this.#reject(error);
    }
  }

  failed(error: Error): void {
    this.#reject(error);
  }
}
