import { hash32 } from '@needletail/stats';
import type { ScriptPlan, SharedFeed, StreamPlan } from '../plan/script-plan.ts';
import { shareOf } from '../pace/pacer.ts';
import { openSharedRows, type SharedRows } from '../source/shared-rows.ts';

/** The rows that fall to the iterations of one stream. */
export class FeedRows {
  readonly #feeds: readonly {
    readonly feed: SharedFeed;
    readonly rows: SharedRows;
    readonly salt: number;
  }[];
  readonly #seed: number;
  readonly #stream: number;
  readonly #streams: number;

  constructor(script: ScriptPlan, seed: number, stream: number) {
    this.#feeds = script.feeds.map((feed, salt) => ({ feed, rows: openSharedRows(feed), salt }));
    this.#seed = seed;
    this.#stream = stream;
    this.#streams = script.streams.length;
  }

  /** `data` of an iteration: a row, rows by the names of their feeds, or undefined without feeds. */
  of(iteration: number): unknown {
    const feeds = this.#feeds;
    if (feeds.length === 0) return undefined;
    const first = feeds[0]!;
    if (first.feed.name === null)
      return first.rows.row(this.#indexIn(first.feed, iteration, first.salt));
    const data: Record<string, unknown> = {};
    for (const { feed, rows, salt } of feeds) {
      data[feed.name!] = rows.row(this.#indexIn(feed, iteration, salt));
    }
    return data;
  }

  #indexIn({ pick, rowCount }: SharedFeed, iteration: number, salt: number): number {
    switch (pick) {
      case 'sequential':
        return iteration % rowCount;
      case 'random':
        return (
          hash32(hash32(this.#seed, salt), iteration * this.#streams + this.#stream) % rowCount
        );
      case 'unique':
        // Streams take turns, so that no two of them get the same row.
        return iteration * this.#streams + this.#stream;
    }
  }
}

/** The feed whose rows end a stream first when each is used once, and how many iterations that allows; null without such. */
export function shortestUnique(
  script: ScriptPlan,
  stream: number,
): { readonly feed: SharedFeed; readonly iterations: number } | null {
  const unique = script.feeds.filter(({ pick }) => pick === 'unique');
  if (unique.length === 0) return null;
  const feed = unique.reduce((least, each) => (each.rowCount < least.rowCount ? each : least));
  return { feed, iterations: shareOf(feed.rowCount, stream, script.streams.length) };
}

/** How many iterations a stream may have: what was asked for, and no more than there are rows for; null for any number. */
export function mostIterations(script: ScriptPlan, stream: number): number | null {
  const { maxIterations }: StreamPlan = script.streams[stream]!;
  const allowed = shortestUnique(script, stream)?.iterations ?? Infinity;
  const most = Math.min(maxIterations ?? Infinity, allowed);
  return most === Infinity ? null : most;
}
