import { setMaxListeners } from 'node:events';
import type { RequestOptions } from '../model/client-options.ts';
import { requestWith, type ClientRequest } from '../model/client-request.ts';

/** What batches need of a client; `Response` is whatever its requests come back with. */
export interface BatchClient<Response> {
  request(method: string, url: string, options?: RequestOptions): Promise<Response>;
  send(request: ClientRequest): Promise<Response>;
}

/** One request of a batch, not yet built: GET unless `method` is set. */
export interface BatchRequest extends RequestOptions {
  readonly method?: string;
  readonly url: string | URL;
}

/** A URL to get, a request in parts, or one that `Client.build` made. */
export type BatchInput = string | BatchRequest | ClientRequest;

/** Sends one item so that it ends when the batch does, or when its own signal says so. */
export function sendItem<Response>(
  client: BatchClient<Response>,
  input: BatchInput,
  signal: AbortSignal,
): Promise<Response> {
  if (typeof input === 'string') return client.request('GET', input, { signal });
  if (isBuilt(input)) {
    return client.send(requestWith(input, { signal: eitherSignal(input.signal, signal) }));
  }
  const { method = 'GET', url, ...options } = input;
  return client.request(method, String(url), {
    ...options,
    signal: eitherSignal(options.signal, signal),
  });
}

/** The signal of a batch: that of the caller, and a switch of our own. */
export class BatchSignal {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #obey = (): void => this.#controller.abort(this.#outer!.reason);

  constructor(outer: AbortSignal | undefined) {
    this.#outer = outer;
    // Each request in flight listens to it, and there may be hundreds: that is no leak.
    setMaxListeners(0, this.#controller.signal);
  }

  /** Aborts when the caller's signal does, from now until `release`. */
  follow(): this {
    if (this.#outer?.aborted === true) this.#obey();
    else this.#outer?.addEventListener('abort', this.#obey, { once: true });
    return this;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Lets go of the caller's signal, which may live much longer. */
  release(): void {
    this.#outer?.removeEventListener('abort', this.#obey);
  }
}

function eitherSignal(own: AbortSignal | null | undefined, batch: AbortSignal): AbortSignal {
  return own === null || own === undefined ? batch : AbortSignal.any([own, batch]);
}

function isBuilt(input: BatchRequest | ClientRequest): input is ClientRequest {
  return 'ownsHeaders' in input;
}
