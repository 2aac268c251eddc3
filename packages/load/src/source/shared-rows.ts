// Hot: one row is decoded for each iteration of a scenario that reads `data`. It may allocate that row and its texts.
// Callers keep the memory unchanged once it is shared.
import { quoted } from '../plan/errors.ts';
import type { SharedFeed } from '../plan/script-plan.ts';
import { didYouMean } from '../plan/suggest.ts';
import { feedFault } from './feed-fault.ts';
import type { FeedValue } from './feed.ts';

type FeedRow = Readonly<Record<string, FeedValue>>;

/** Begins a cell that is JSON: a byte that UTF-8 never holds, so that texts need no mark. */
const JSON_MARK = 0xff;
const OFFSET_BYTES = 4;

/**
 * Puts the cells of a table into memory that threads can share: a 32-bit offset for each cell and one for the end, then
 * the cells in UTF-8, row by row. Every row has a cell for each column.
 */
export function shareRows(rows: readonly (readonly FeedValue[])[]): SharedArrayBuffer {
  const cells = rows.flatMap((row) => row.map(encodeCell));
  const tableBytes = (cells.length + 1) * OFFSET_BYTES;
  const sizeBytes = cells.reduce((sum, cell) => sum + cell.length, tableBytes);
  const memory = new SharedArrayBuffer(sizeBytes);
  const offsets = new Uint32Array(memory, 0, cells.length + 1);
  const bytes = new Uint8Array(memory);
  let at = tableBytes;
  cells.forEach((cell, index) => {
    offsets[index] = at;
    bytes.set(cell, at);
    at += cell.length;
  });
  offsets[cells.length] = at;
  return memory;
}

/** The rows of a shared feed, each decoded when it is asked for. */
export interface SharedRows {
  readonly rowCount: number;
  /** A copy of row `index`; reading a column that the feed does not have throws a PlanError. */
  readonly row: (index: number) => FeedRow;
}

/** Opens a feed that `shareRows` made, in any thread. */
export function openSharedRows(feed: SharedFeed): SharedRows {
  const { columns, rowCount } = feed;
  const offsets = new Uint32Array(feed.rows, 0, rowCount * columns.length + 1);
  const bytes = Buffer.from(feed.rows);
  const prototype = guardFor(feed);
  return {
    rowCount,
    row(index) {
      const row = Object.create(prototype) as Record<string, FeedValue>;
      const first = index * columns.length;
      for (let column = 0; column < columns.length; column += 1) {
        const start = offsets[first + column];
        const end = offsets[first + column + 1];
        row[columns[column]] =
          start < end && bytes[start] === JSON_MARK
            ? (JSON.parse(bytes.toString('utf8', start + 1, end)) as FeedValue)
            : bytes.toString('utf8', start, end);
      }
      return row;
    },
  };
}

function encodeCell(value: FeedValue): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  return Buffer.concat([Uint8Array.of(JSON_MARK), json]);
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Names that the language itself asks a value for, in `await` and `JSON.stringify`. */
const ASKED_BY_THE_LANGUAGE: ReadonlySet<PropertyKey> = new Set(['then', 'toJSON']);

function plainCopy(this: FeedRow): FeedRow {
  return { ...this };
}

/** Stands behind every row, and so is asked only for what the row does not have. */
function guardFor({ file, name, columns }: SharedFeed): object {
  const object: object = Object.create(null);
  return new Proxy(object, {
    get(_, key) {
      // Printing asks for names too, such as those of a URL; a plain copy has nothing against it.
      if (key === INSPECT) return plainCopy;
      if (typeof key === 'symbol' || key in Object.prototype) {
        return Reflect.get(Object.prototype, key) as unknown;
      }
      if (ASKED_BY_THE_LANGUAGE.has(key)) return undefined;
      throw feedFault(
        'Unknown column',
        `${quoted(key)} is no column of ${name === null ? 'data' : `data.${name}`}`,
        file,
        `${didYouMean(key, columns)}Columns are ${columns.join(', ')}.`,
      );
    },
  });
}
