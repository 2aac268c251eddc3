import { inspect } from 'node:util';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SharedFeed } from '../plan/script-plan.ts';
import type { FeedValue } from './feed.ts';
import { openSharedRows, shareRows } from './shared-rows.ts';

function feedOf(
  columns: readonly string[],
  rows: readonly (readonly FeedValue[])[],
  name: string | null = null,
): SharedFeed {
  const file = 'skus.csv';
  return { name, file, pick: 'sequential', columns, rowCount: rows.length, rows: shareRows(rows) };
}

describe('openSharedRows', () => {
  it('gives back every value that went in, text or JSON, whatever the characters', () => {
    const text = fc.string({ unit: 'grapheme' });
    const value = fc.oneof(text, fc.jsonValue({ noUnicodeString: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, text), { minLength: 1 }), (table) => {
        const rows = table as FeedValue[][];
        const shared = openSharedRows(feedOf(['a', 'b', 'c'], rows));
        const read = rows.map((_, index) => Object.values(shared.row(index)));
        expect(JSON.stringify(read)).toBe(JSON.stringify(rows));
      }),
    );
  });

  it('reads the same memory after it has been posted to another thread', () => {
    const { port1, port2 } = new MessageChannel();
    const feed = feedOf(['sku'], [['a'], ['ü']]);
    port1.postMessage(feed);
    const { message } = receiveMessageOnPort(port2) as { message: SharedFeed };
    expect(openSharedRows(message).row(1)).toEqual({ sku: 'ü' });
    new Uint8Array(feed.rows).fill(0x62, -2);
    expect(openSharedRows(message).row(1)).toEqual({ sku: 'bb' });
    port1.close();
  });

  it('gives rows that can be spread, taken apart, written as JSON, awaited and printed', async () => {
    const row = openSharedRows(feedOf(['id', 'name'], [[7, 'Ada']])).row(0);
    expect({ ...row, more: true }).toEqual({ id: 7, name: 'Ada', more: true });
    expect(JSON.stringify(row)).toBe('{"id":7,"name":"Ada"}');
    expect(await Promise.resolve(row)).toBe(row);
    expect(inspect(row)).toContain("name: 'Ada'");
    expect('nmae' in row).toBe(false);
  });

  it('throws for a column that is not there, naming the near one and all there are', () => {
    expect(() => openSharedRows(feedOf(['sku', 'price'], [['a', '1']])).row(0)['skuu']).toThrow(
      'Unknown column: "skuu" is no column of data (skus.csv). Did you mean "sku"? Columns are sku, price.',
    );
    expect(() => openSharedRows(feedOf(['sku'], [['a']], 'cart')).row(0)['total']).toThrow(
      'Unknown column: "total" is no column of data.cart (skus.csv). Columns are sku.',
    );
  });

  it('keeps columns called as what every object has', () => {
    expect(openSharedRows(feedOf(['constructor'], [['x']])).row(0)['constructor']).toBe('x');
  });
});
