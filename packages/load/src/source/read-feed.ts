import { extname } from 'node:path';
import { quoted } from '../plan/errors.ts';
import { readCsvTable } from './csv-table.ts';
import { feedFault } from './feed-fault.ts';
import type { FeedRows, FeedTable } from './feed.ts';
import { readJsonTable, readNdjsonTable } from './json-table.ts';

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

const READERS: Readonly<Record<FeedFormat, (file: string, text: string) => FeedTable>> = {
  csv: (file, text) => readCsvTable(file, text, ','),
  tsv: (file, text) => readCsvTable(file, text, '\t'),
  json: readJsonTable,
  ndjson: readNdjsonTable,
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
  const sizeBytes = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  refuseMoreThan('sizeBytes', sizeBytes, file);
  const text = typeof content === 'string' ? content : decodeText(file, content);
  const read = READERS[format ?? formatOf(file)];
  const { columns, rows } = read(file, text.replace(/^\uFEFF/, ''));
  refuseMoreThan('columns', columns.length, file);
  refuseMoreThan('rows', rows.length, file);
  if (rows.length === 0)
    throw feedFault('Empty feed', 'there is no row of data', file, 'Add rows, or drop the feed.');
  refuseBadColumns(columns, file);
  return { file, columns, rows };
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
    if (column === '' || /[{}|]/.test(column)) {
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
