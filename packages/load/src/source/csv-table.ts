import { CsvError, parse } from 'csv-parse/sync';
import { feedFault } from './feed-fault.ts';
import type { FeedTable } from './feed.ts';

/** Reads separated values (RFC 4180): header row first, quotes where needed, every row as long as the header. */
export function readCsvTable(file: string, text: string, delimiter: ',' | '\t'): FeedTable {
  const [columns, ...rows] = parseRecords(file, text, delimiter);
  if (columns === undefined) {
    throw feedFault(
      'Empty feed',
      'there is no header row',
      file,
      'Begin it with the names of the columns.',
    );
  }
  return { columns: columns.map((column) => column.trim()), rows };
}

function parseRecords(file: string, text: string, delimiter: string): string[][] {
  try {
    return parse(text, { delimiter, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines, column } = error as CsvError & {
      readonly lines?: number;
      readonly column?: unknown;
    };
    const field = typeof column === 'number' ? `, field ${column + 1}` : '';
    throw feedFault(
      'Malformed feed',
      causeOf(error),
      `${file}:${lines ?? 1}${field}`,
      'Mend that line.',
      {
        cause: error,
      },
    );
  }
}

function causeOf(error: CsvError): string {
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH': {
      const [, expected, actual] = /expect (\d+), got (\d+)/.exec(error.message) ?? [];
      return `the row has ${actual} ${actual === '1' ? 'field' : 'fields'}, the header ${expected}`;
    }
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed';
    case 'INVALID_OPENING_QUOTE':
      return 'a quote begins inside a field';
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'a closing quote is followed by more text';
    default:
      return error.message;
  }
}
