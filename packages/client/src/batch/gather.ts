import { AbortedError } from '../errors.ts';
import { checkedCount } from '../model/invalid-option.ts';
import { BatchSignal, sendItem, type BatchClient, type BatchInput } from './batch-client.ts';

export interface GatherOptions {
  /** Requests in flight at once; 10 unless set. */
  readonly concurrency?: number;
  /**
   * 'throw' (the default) cancels the others at the first error and rejects with it; 'return' puts each error in the place
   * of its response.
   */
  readonly onError?: 'throw' | 'return';
  readonly signal?: AbortSignal;
  /** Called after each request. */
  readonly onProgress?: (progress: GatherProgress) => void;
}

export interface GatherProgress {
  /** Requests that have ended, the failed ones included. */
  readonly done: number;
  readonly failed: number;
  /** Null while the requests come from an iterable whose end has not been seen. */
  readonly total: number | null;
}

const DEFAULT_CONCURRENCY = 10;

/**
 * Sends all `requests`, a few at a time, and resolves with what came back, in the order in which they were given. The
 * iterable is read as places become free. Rejects, once every request has ended, with the first error or with
 * AbortedError; an aborted signal rejects under 'return' too.
 */
export function gather<Response>(
  client: BatchClient<Response>,
  requests: Iterable<BatchInput>,
  options: GatherOptions & { readonly onError: 'return' },
): Promise<(Response | Error)[]>;
export function gather<Response>(
  client: BatchClient<Response>,
  requests: Iterable<BatchInput>,
  options?: GatherOptions & { readonly onError?: 'throw' },
): Promise<Response[]>;
export function gather<Response>(
  client: BatchClient<Response>,
  requests: Iterable<BatchInput>,
  options?: GatherOptions,
): Promise<(Response | Error)[]>;
export async function gather<Response>(
  client: BatchClient<Response>,
  requests: Iterable<BatchInput>,
  options: GatherOptions = {},
): Promise<(Response | Error)[]> {
  const concurrency = checkedCount('concurrency', options.concurrency ?? DEFAULT_CONCURRENCY, 1);
  const batch = new BatchSignal(options.signal).follow();
  const run = new Gathering(client, requests, options, batch);
  try {
    await Promise.all(Array.from({ length: concurrency }, () => run.work()));
  } finally {
    batch.release();
    run.leave();
  }
  if (run.failure !== null) throw run.failure.error;
  if (options.signal?.aborted === true) throw AbortedError.of(options.signal);
  return run.results;
}

class Gathering<Response> {
  readonly results: (Response | Error)[] = [];
  failure: { readonly error: unknown } | null = null;
  readonly #client: BatchClient<Response>;
  readonly #source: Iterator<BatchInput>;
  readonly #options: GatherOptions;
  readonly #batch: BatchSignal;
  #total: number | null;
  #started = 0;
  #done = 0;
  #failed = 0;
  #isExhausted = false;

  constructor(
    client: BatchClient<Response>,
    requests: Iterable<BatchInput>,
    options: GatherOptions,
    batch: BatchSignal,
  ) {
    this.#client = client;
    this.#source = requests[Symbol.iterator]();
    this.#options = options;
    this.#batch = batch;
    this.#total = Array.isArray(requests) ? requests.length : null;
  }

  /** One of `concurrency` lanes: takes the next request until there is none. Never rejects. */
  async work(): Promise<void> {
    while (!this.#isExhausted && !this.#batch.signal.aborted) {
      const index = this.#started;
      const input = this.#take();
      if (input === undefined) return;
      try {
        this.results[index] = await sendItem(this.#client, input, this.#batch.signal);
      } catch (error) {
        this.#failed += 1;
        if (this.#options.onError === 'return') this.results[index] = asError(error);
        else this.#fail(error);
      }
      this.#done += 1;
      this.#report();
    }
  }

  /** Tells an iterable that was not read to its end that nobody will. */
  leave(): void {
    if (!this.#isExhausted) this.#source.return?.();
  }

  #take(): BatchInput | undefined {
    try {
      const next = this.#source.next();
      if (next.done !== true) {
        this.#started += 1;
        return next.value;
      }
      this.#total = this.#started;
    } catch (error) {
      this.#fail(error);
    }
    this.#isExhausted = true;
    return undefined;
  }

  #report(): void {
    try {
      this.#options.onProgress?.({
        done: this.#done,
        failed: this.#failed,
        total: this.#total,
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.failure ??= { error };
    this.#batch.abort(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
