import { extname } from 'node:path';
import { quoted } from '../plan/errors.ts';
import { readCsvTable } from './csv-table.ts';
import { feedFault } from './feed-fault.ts';
import type { CellReader, FeedRows, FeedTable, FeedValue } from './feed.ts';
import { readJsonTable, readNdjsonTable, textCell, valueCell } from './json-table.ts';

export type FeedFormat = 'csv' | 'tsv' | 'json' | 'ndjson';

/** Most a feed may hold: every worker keeps a copy of it. */
const LARGEST_FEED = { sizeBytes: 64 * 2 ** 20, rows: 1_000_000, columns: 1000 };

const FORMAT_OF: Readonly<Record<string, FeedFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
};

/**
 * Rows of a data feed: CSV or TSV with a header row, a JSON array of flat objects, or one such object a line. Every
 * value becomes text. Malformed, ragged, empty and oversized feeds are refused with the place (PlanError PLAN_FEED).
 */
export function readFeed(
  file: string,
  content: string | Uint8Array,
  format?: FeedFormat,
): FeedRows {
  return { file, ...readTable<string>(file, content, format, textCell) };
}

/** The same for a scenario: values of JSON and NDJSON stay what they are, lists and objects included. */
export function readValueFeed(
  file: string,
  content: string | Uint8Array,
  format?: FeedFormat,
): FeedTable<FeedValue> {
  return readTable<FeedValue>(file, content, format, valueCell);
}

/** Refuses a table without rows, without usable names of columns, or larger than every thread should hold. */
export function checkTable<Table extends FeedTable<FeedValue>>(file: string, table: Table): Table {
  const { columns, rows } = table;
  refuseMoreThan('columns', columns.length, file);
  refuseMoreThan('rows', rows.length, file);
  if (rows.length === 0)
    throw feedFault('Empty feed', 'there is no row of data', file, 'Add rows, or drop the feed.');
  refuseBadColumns(columns, file);
  return table;
}

function readTable<Cell extends FeedValue>(
  file: string,
  content: string | Uint8Array,
  format: FeedFormat | undefined,
  cellOf: CellReader<Cell>,
): FeedTable<Cell | string> {
  const sizeBytes = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  refuseMoreThan('sizeBytes', sizeBytes, file);
  const text = (typeof content === 'string' ? content : decodeText(file, content)).replace(
    /^\uFEFF/,
    '',
  );
  return checkTable(file, parseTable(file, text, format ?? formatOf(file), cellOf));
}

function parseTable<Cell>(
  file: string,
  text: string,
  format: FeedFormat,
  cellOf: CellReader<Cell>,
): FeedTable<Cell | string> {
  switch (format) {
    case 'csv':
      return readCsvTable(file, text, ',');
    case 'tsv':
      return readCsvTable(file, text, '\t');
    case 'json':
      return readJsonTable(file, text, cellOf);
    case 'ndjson':
      return readNdjsonTable(file, text, cellOf);
  }
}

function formatOf(file: string): FeedFormat {
  const extension = extname(file).toLowerCase();
  const format = FORMAT_OF[extension];
  if (format !== undefined) return format;
  throw feedFault(
    'Unknown kind of feed',
    extension === '' ? 'the file name has no extension' : `nothing is known of ${extension} files`,
    file,
    'Name it .csv, .tsv, .json or .ndjson, or give feed: { file, format } in the plan.',
  );
}

function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw feedFault('Feed is not text', 'it is not valid UTF-8', file, 'Save it as UTF-8.', {
      cause: error,
    });
  }
}

function refuseBadColumns(columns: readonly string[], file: string): void {
  columns.forEach((column, index) => {
    // An object whose prototype is set by a cell is no row.
    if (column === '' || column === '__proto__' || /[{}|]/.test(column)) {
      throw feedFault(
        'Column without a usable name',
        `column ${index + 1} is called ${quoted(column)}`,
        file,
        'Give every column a name without { } and |.',
      );
    }
    if (columns.indexOf(column) !== index) {
      throw feedFault(
        'Two columns of one name',
        `${quoted(column)} is column ${columns.indexOf(column) + 1} and ${index + 1}`,
        file,
        'Rename one of them.',
      );
    }
  });
}

function refuseMoreThan(limit: keyof typeof LARGEST_FEED, actual: number, file: string): void {
  const maximum = LARGEST_FEED[limit];
  if (actual <= maximum) return;
  const unit = limit === 'sizeBytes' ? 'bytes' : limit;
  throw feedFault(
    'Feed too large',
    `it has ${actual} ${unit}, at most ${maximum} are read`,
    file,
    'Split it: each iteration takes one row and starts over after the last.',
  );
}
