import { systemClock, type Clock } from '@needletail/wire';
import { checkedCount, checkedNumber, invalidOption } from '../model/invalid-option.ts';
import type { BatchClient, BatchInput } from './batch-client.ts';
import type { ItemKey } from './checkpoint.ts';
import type { CollectProgress } from './collect-progress.ts';
import { CollectRun } from './collect-run.ts';
import { resolveItemRetry, type ItemRetry } from './item-retry.ts';

/** An item with what became of it: `value`, or `error`. */
export type Collected<Item, Value> =
  | { readonly index: number; readonly item: Item; readonly value: Value; readonly error?: never }
  | { readonly index: number; readonly item: Item; readonly error: Error; readonly value?: never };

export interface CollectOptions<Item, Response, Value> {
  /**
   * Items in flight; 10 unless set. 'auto' looks for the number, from 1 to 256, beyond which the target answers later and
   * not more, follows it when it moves, and backs off when the target answers 429 or 503, or not at all.
   */
  readonly concurrency?: number | 'auto';
  /** Items started per second, evenly spaced; as fast as it goes unless set. */
  readonly rate?: number;
  /** The request for an item; unless set, the item is the request. What it throws is the item's error. */
  readonly request?: (item: Item, index: number) => BatchInput | Promise<BatchInput>;
  /** The value of an item; unless set, the response. Whatever it throws is the item's error. */
  readonly parse?: (response: Response, item: Item) => Value | Promise<Value>;
  readonly retry?: ItemRetry;
  readonly signal?: AbortSignal;
  /** Called four times a second at most, as items end, and once at the end. */
  readonly onProgress?: (progress: CollectProgress) => void;
  /** Results in the order of the items; false unless set: an item comes when it has ended. */
  readonly ordered?: boolean;
  /**
   * Path of a file that remembers which items are done, so that a run that was interrupted goes on where it was. An item is
   * done once the consumer has asked for the result after its value: one whose loop body did not finish comes again, and
   * so do items that failed. After a crash of the machine the last quarter of a second may come again too.
   */
  readonly checkpoint?: string;
  /** What a checkpoint knows an item by: text or a number, never the same for two items; the index unless set. */
  readonly key?: (item: Item) => ItemKey;
  /** For tests. */
  readonly clock?: Clock;
}

const DEFAULT_CONCURRENCY = 10;

/**
 * Requests any number of items, a few at a time, and yields each with its value or its error, so that one failure loses
 * one item. Items are read as they are needed and results wait for the consumer, so memory does not grow with their
 * number: at most twice `concurrency` items are held. Ends when all items have; leaving the loop cancels what is in flight.
 *
 * Throws AbortedError when `signal` aborts, CheckpointError, and what `items` itself throws.
 */
export function collect<Item, Response, Value = Response>(
  client: BatchClient<Response>,
  items: Iterable<Item> | AsyncIterable<Item>,
  options: CollectOptions<Item, Response, Value> = {},
): AsyncGenerator<Collected<Item, Value>, void, undefined> {
  const { concurrency = DEFAULT_CONCURRENCY, rate = Infinity } = options;
  if (concurrency !== 'auto') checkedCount('concurrency', concurrency, 1);
  if (!(checkedNumber('rate', rate, 0) > 0)) {
    throw invalidOption('rate', rate, 'would never start anything', 'Give more than 0 per second');
  }
  const run = new CollectRun(client, items, options, {
    concurrency,
    rate,
    retry: resolveItemRetry(options.retry),
    clock: options.clock ?? systemClock,
  });
  return run.results();
}
