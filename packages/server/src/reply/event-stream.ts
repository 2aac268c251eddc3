import { eventText, type SseEvent } from './event-text.ts';
import { unwatchSilence, watchSilence, type Silent } from './keep-alive-timer.ts';

interface Waiter {
  readonly resolve: (result: IteratorResult<string>) => void;
  readonly reject: (error: unknown) => void;
}

const COMMENT = ':\n\n';
const END: IteratorResult<string> = { done: true, value: undefined };

/**
 * The text of events as they come, with comments in between where none come for long. The producer is started by the first
 * call of `next`, asked for one event at a time, and ended by `return`, or by `closing`, which aborts `signal` as well.
 */
export class EventStream implements AsyncIterableIterator<string>, Silent {
  spokeAtMs: number = performance.now();
  readonly keepAliveMs: number;
  readonly #start: (signal: AbortSignal) => AsyncIterable<SseEvent | string>;
  readonly #controller = new AbortController();
  readonly #closing: AbortSignal | undefined;
  #producer: AsyncIterator<SseEvent | string> | null = null;
  #waiter: Waiter | null = null;
  /** Given by the producer while nobody waited. */
  #kept: IteratorResult<string> | null = null;
  #failure: { readonly error: unknown } | null = null;
  #isAsked = false;
  #isOver = false;

  constructor(
    start: (signal: AbortSignal) => AsyncIterable<SseEvent | string>,
    keepAliveMs: number,
    closing?: AbortSignal,
  ) {
    this.#start = start;
    this.#closing = closing;
    this.keepAliveMs = keepAliveMs;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<string>> {
    return new Promise((resolve, reject) => {
      if (this.#isOver || this.#closing?.aborted === true) return resolve(END);
      this.#waiter = { resolve, reject };
      if (this.#producer === null) this.#begin();
      if (this.#kept !== null || this.#failure !== null) this.#hand();
      else this.#ask();
    });
  }

  async return(): Promise<IteratorResult<string>> {
    if (this.#isOver) return END;
    this.#finish();
    this.#waiter?.resolve(END);
    this.#waiter = null;
    // A generator that waits inside `next` takes notice only when that ends: `signal` is for those.
    void Promise.resolve(this.#producer?.return?.()).catch(() => undefined);
    return END;
  }

  keepAlive(): void {
    if (this.#waiter === null) return;
    const { resolve } = this.#waiter;
    this.#waiter = null;
    this.spokeAtMs = performance.now();
    resolve({ done: false, value: COMMENT });
  }

  #begin(): void {
    this.#producer = this.#start(this.#controller.signal)[Symbol.asyncIterator]();
    this.spokeAtMs = performance.now();
    if (this.keepAliveMs > 0) watchSilence(this);
    if (this.#closing !== undefined) openStreams(this.#closing).add(this);
  }

  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#producer!.next().then(
      ({ done, value }) => {
        this.#isAsked = false;
        try {
          this.#kept = done === true ? END : { done: false, value: eventText(value) };
        } catch (error) {
          void Promise.resolve(this.#producer?.return?.()).catch(() => undefined);
          this.#failure = { error };
        }
        this.#hand();
      },
      (error: unknown) => {
        this.#failure = { error };
        this.#hand();
      },
    );
  }

  #hand(): void {
    const waiter = this.#waiter;
    if (waiter === null || this.#isOver) return;
    this.#waiter = null;
    this.spokeAtMs = performance.now();
    if (this.#failure !== null) {
      this.#finish();
      return waiter.reject(this.#failure.error);
    }
    const kept = this.#kept!;
    this.#kept = null;
    if (kept.done === true) this.#finish();
    waiter.resolve(kept);
  }

  #finish(): void {
    this.#isOver = true;
    unwatchSilence(this);
    if (this.#closing !== undefined) openStreams(this.#closing).delete(this);
    this.#controller.abort(new DOMException('The event stream has ended.', 'AbortError'));
  }
}

const open = new WeakMap<AbortSignal, Set<EventStream>>();

/** Those that end when `closing` aborts: one listener for all, as adding one to a signal that has many takes long. */
function openStreams(closing: AbortSignal): Set<EventStream> {
  const known = open.get(closing);
  if (known !== undefined) return known;
  const streams = new Set<EventStream>();
  open.set(closing, streams);
  closing.addEventListener('abort', () => {
    for (const stream of streams) void stream.return();
  });
  return streams;
}
