// Per item in flight: its promise, the frame that waits for it, and the object that is yielded. No timer, no listener.
import type { Clock, TimerHandle } from '@needletail/wire';
import { AbortedError, TransportError } from '../errors.ts';
import { BatchSignal, sendItem, type BatchClient, type BatchInput } from './batch-client.ts';
import { Checkpoint, type ItemKey } from './checkpoint.ts';
import { CollectMeter } from './collect-progress.ts';
import type { Collected, CollectOptions } from './collect.ts';
import { ConcurrencySearch } from './concurrency-search.ts';
import { EvenPace } from './even-pace.ts';
import { itemPauseMs, type ItemRetryPolicy } from './item-retry.ts';
import { pause } from '../send/pause.ts';

/** Options that have been checked, and have their defaults. */
export interface CollectSettings {
  readonly concurrency: number | 'auto';
  readonly rate: number;
  readonly retry: ItemRetryPolicy;
  readonly clock: Clock;
}

interface Source<Item> {
  next(): IteratorResult<Item> | Promise<IteratorResult<Item>>;
  return?(): unknown;
}

/** Results that wait for the consumer, as a share of what may be in flight. */
const WAITING_PER_ACTIVE = 1;

/** One run of `collect`: items on one side, the consumer on the other, in between as many as the limit allows. */
export class CollectRun<Item, Response, Value> {
  readonly #client: BatchClient<Response>;
  readonly #source: Source<Item>;
  readonly #options: CollectOptions<Item, Response, Value>;
  readonly #retry: ItemRetryPolicy;
  readonly #clock: Clock;
  readonly #batch: BatchSignal;
  readonly #search: ConcurrencySearch | null;
  readonly #fixedLimit: number;
  readonly #pace: EvenPace;
  readonly #meter: CollectMeter;
  /** Results by the order of their start; in the order of their end unless `ordered`. */
  readonly #ready = new Map<number, Collected<Item, Value>>();
  #checkpoint: Checkpoint | null = null;
  #paceTimer: TimerHandle = null;
  #isPulling = false;
  #isExhausted = false;
  #isOver = false;
  #fault: { readonly error: unknown } | null = null;
  #index = 0;
  #started = 0;
  #delivered = 0;
  #active = 0;
  #wake: (() => void) | null = null;

  constructor(
    client: BatchClient<Response>,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: CollectOptions<Item, Response, Value>,
    settings: CollectSettings,
  ) {
    this.#client = client;
    this.#source = iteratorOf(items);
    this.#options = options;
    this.#retry = settings.retry;
    this.#clock = settings.clock;
    this.#batch = new BatchSignal(options.signal);
    this.#search = settings.concurrency === 'auto' ? new ConcurrencySearch() : null;
    this.#fixedLimit = settings.concurrency === 'auto' ? 0 : settings.concurrency;
    this.#pace = new EvenPace(settings.rate);
    this.#meter = new CollectMeter(options.onProgress, settings.clock.now());
  }

  async *results(): AsyncGenerator<Collected<Item, Value>, void, undefined> {
    const rouse = (): void => this.#rouse();
    this.#batch.follow().signal.addEventListener('abort', rouse);
    try {
      const { checkpoint } = this.#options;
      if (checkpoint !== undefined) {
        this.#checkpoint = await Checkpoint.open(checkpoint, this.#clock);
      }
      for (;;) {
        this.#fill();
        if (this.#options.signal?.aborted === true) throw AbortedError.of(this.#options.signal);
        if (this.#fault !== null) throw this.#fault.error;
        const collected = this.#takeReady();
        if (collected !== undefined) {
          yield collected;
          // The consumer came back for more: it has done with this one.
          if (this.#checkpoint !== null && collected.error === undefined) {
            await this.#checkpoint.add(this.#keyOf(collected.item, collected.index));
          }
        } else if (this.#isExhausted && this.#active === 0) {
          return;
        } else {
          await this.#nextEvent();
        }
      }
    } finally {
      this.#batch.signal.removeEventListener('abort', rouse);
      await this.#leave();
    }
  }

  get #limit(): number {
    return this.#search?.limit ?? this.#fixedLimit;
  }

  /** Starts items for as long as the limit, the pace and the consumer allow. */
  #fill(): void {
    const limit = this.#limit;
    const mostHeld = limit * (1 + WAITING_PER_ACTIVE);
    while (
      this.#active < limit &&
      this.#started - this.#delivered < mostHeld &&
      !this.#isPulling &&
      !this.#isExhausted &&
      !this.#isOver &&
      !this.#batch.signal.aborted
    ) {
      const waitMs = this.#pace.waitMs(this.#clock.now());
      if (waitMs > 0) {
        this.#paceTimer ??= this.#clock.setTimer(waitMs, () => {
          this.#paceTimer = null;
          this.#fill();
        });
        return;
      }
      this.#pull();
    }
  }

  #pull(): void {
    try {
      const next = this.#source.next();
      if (!isPromise(next)) {
        this.#take(next);
        return;
      }
      this.#isPulling = true;
      next.then(
        (result) => {
          this.#isPulling = false;
          this.#take(result);
          this.#fill();
        },
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(next: IteratorResult<Item>): void {
    if (next.done === true) {
      this.#isExhausted = true;
      this.#rouse();
      return;
    }
    const index = this.#index;
    this.#index += 1;
    if (this.#isOver) return;
    if (this.#checkpoint?.has(this.#keyOf(next.value, index)) === true) {
      this.#meter.skipped += 1;
      return;
    }
    this.#pace.take(this.#clock.now());
    this.#active += 1;
    const order = this.#started;
    this.#started += 1;
    void this.#run(next.value, index, order);
  }

  /** Never rejects. */
  async #run(item: Item, index: number, order: number): Promise<void> {
    let collected: Collected<Item, Value>;
    try {
      const isTriedOnce = this.#retry.attempts === 0;
      const trying = isTriedOnce ? this.#tryOnce(item, index) : this.#tryItem(item, index);
      collected = { index, item, value: await trying };
      this.#meter.done += 1;
    } catch (error) {
      collected = { index, item, error: asError(error) };
      if (!this.#batch.signal.aborted) this.#meter.failed += 1;
    }
    this.#active -= 1;
    if (!this.#isOver) this.#ready.set(order, collected);
    try {
      this.#meter.tick(this.#clock.now(), this.#active, this.#limit);
    } catch (error) {
      this.#fail(error);
    }
    this.#rouse();
    this.#fill();
  }

  async #tryItem(item: Item, index: number): Promise<Value> {
    const { signal } = this.#batch;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#tryOnce(item, index);
      } catch (thrown) {
        const error = asError(thrown);
        const isLast = attempt >= this.#retry.attempts || signal.aborted;
        if (isLast || !this.#retry.shouldRetry(error)) throw error;
        await pause(this.#clock, itemPauseMs(this.#retry, attempt), signal);
      }
    }
  }

  async #tryOnce(item: Item, index: number): Promise<Value> {
    const { request, parse } = this.#options;
    const input = request === undefined ? (item as BatchInput) : await request(item, index);
    const startedMs = this.#clock.now();
    let isOverload = false;
    try {
      const response = await sendItem(this.#client, input, this.#batch.signal);
      isOverload = isTurnedAway(response);
      return parse === undefined ? (response as unknown as Value) : await parse(response, item);
    } catch (error) {
      isOverload ||= error instanceof TransportError;
      throw error;
    } finally {
      this.#search?.record(startedMs, this.#clock.now(), isOverload);
    }
  }

  #takeReady(): Collected<Item, Value> | undefined {
    const order = this.#options.ordered === true ? this.#delivered : this.#firstReady();
    const collected = this.#ready.get(order);
    if (collected === undefined) return undefined;
    this.#ready.delete(order);
    this.#delivered += 1;
    return collected;
  }

  /** A Map keeps the order of insertion: that in which items ended. */
  #firstReady(): number {
    for (const order of this.#ready.keys()) return order;
    return -1;
  }

  #keyOf(item: Item, index: number): ItemKey {
    return this.#options.key?.(item) ?? index;
  }

  #fail(error: unknown): void {
    this.#isExhausted = true;
    this.#fault ??= { error };
    this.#rouse();
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Cancels what is in flight, waits for it, and lets go of everything. */
  async #leave(): Promise<void> {
    this.#isOver = true;
    if (this.#paceTimer !== null) this.#clock.clearTimer(this.#paceTimer);
    this.#batch.abort(new Error('the collection was left'));
    this.#batch.release();
    this.#ready.clear();
    while (this.#active > 0) await this.#nextEvent();
    try {
      await this.#leaveSource();
      this.#meter.report(this.#clock.now(), this.#active, this.#limit);
    } finally {
      await this.#checkpoint?.close();
    }
  }

  async #leaveSource(): Promise<void> {
    if (this.#isExhausted) return;
    const returned = this.#source.return?.();
    // A generator that is still waiting for something returns only after that, which may be never.
    if (!this.#isPulling) await returned;
    else if (isPromise(returned)) returned.catch(() => undefined);
  }
}

function iteratorOf<Item>(items: Iterable<Item> | AsyncIterable<Item>): Source<Item> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof (value as { readonly then?: unknown } | undefined)?.then === 'function';
}

/** 429 and 503: answers of a target that has too much to do (RFC 6585 §4, RFC 9110 §15.6.4). */
function isTurnedAway(response: unknown): boolean {
  const { status } = response as { readonly status?: unknown };
  return status === 429 || status === 503;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error });
}
