import { quoted } from '../plan/errors.ts';
import { feedFault } from './feed-fault.ts';
import type { CellReader, FeedTable, FeedValue } from './feed.ts';

/** Reads a JSON array of flat objects; the first names the columns and all others must have the same. */
export function readJsonTable<Cell>(
  file: string,
  text: string,
  cellOf: CellReader<Cell>,
): FeedTable<Cell> {
  const parsed = parseJson(text, file, 1);
  if (!Array.isArray(parsed)) {
    throw feedFault(
      'Malformed feed',
      'it is not an array',
      file,
      'Write it like [{"id": 1}, {"id": 2}].',
    );
  }
  return tableOf(parsed, (index) => `${file}, element ${index + 1}`, cellOf);
}

/** Reads one JSON object a line; empty lines are skipped. */
export function readNdjsonTable<Cell>(
  file: string,
  text: string,
  cellOf: CellReader<Cell>,
): FeedTable<Cell> {
  const lineNumbers: number[] = [];
  const records: unknown[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === '') return;
    lineNumbers.push(index + 1);
    records.push(parseJson(line, file, index + 1));
  });
  return tableOf(records, (index) => `${file}:${lineNumbers[index]}`, cellOf);
}

/** Rows that stand in the code of a scenario. */
export function tableOfRows(rows: readonly unknown[], label: string): FeedTable<FeedValue> {
  return tableOf(rows, (index) => `${label}, row ${index + 1}`, valueCell);
}

function tableOf<Cell>(
  records: readonly unknown[],
  whereOf: (index: number) => string,
  cellOf: CellReader<Cell>,
): FeedTable<Cell> {
  let columns: readonly string[] = [];
  const rows = records.map((record, index) => {
    const where = whereOf(index);
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      throw feedFault(
        'Malformed feed',
        'a row is not an object',
        where,
        'Write it like {"id": 1}.',
      );
    }
    if (index === 0) columns = Object.keys(record);
    return rowOf(record as Readonly<Record<string, unknown>>, columns, where, cellOf);
  });
  return { columns, rows };
}

function rowOf<Cell>(
  record: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  where: string,
  cellOf: CellReader<Cell>,
): readonly Cell[] {
  const odd =
    columns.find((column) => !Object.hasOwn(record, column)) ??
    Object.keys(record).find((key) => !columns.includes(key));
  if (odd !== undefined) {
    const cause = columns.includes(odd)
      ? `the row has no ${quoted(odd)}, the first row has`
      : `the row has ${quoted(odd)}, the first row has not`;
    throw feedFault('Malformed feed', cause, where, 'Give every row the same keys.');
  }
  return columns.map((column) => cellOf(record[column], column, where));
}

/** Text, and numbers, booleans and null as text. */
export function textCell(value: unknown, column: string, where: string): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'boolean') return `${value}`;
  if (typeof value === 'number') return `${exact(value, column, where)}`;
  throw feedFault(
    'Value that is not flat',
    `${quoted(column)} holds ${Array.isArray(value) ? 'an array' : 'an object'}`,
    where,
    'Use text, numbers, true, false or null.',
  );
}

/** What JSON can say, as it is; code may hold more than that. */
export function valueCell(value: unknown, column: string, where: string): FeedValue {
  if (typeof value === 'number') return exact(value, column, where);
  if (isPlain(value)) return value;
  throw feedFault(
    'Value that cannot be shared',
    `${quoted(column)} holds more than plain data`,
    where,
    'Use text, finite numbers, true, false, null, and lists and objects of them.',
  );
}

function isPlain(value: unknown): value is FeedValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.every(isPlain);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every(isPlain);
}

function exact(value: number, column: string, where: string): number {
  if (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)))
    return value;
  throw feedFault(
    'Number too large to be exact',
    `${quoted(column)} is past 2^53`,
    where,
    'Put it in quotes.',
  );
}

/** `firstLine` is that of `text` in the file. */
function parseJson(text: string, file: string, firstLine: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const where = `${file}:${placeOf(reason, text, firstLine)}`;
    throw feedFault('Malformed feed', `it is not JSON: ${reason}`, where, 'Mend it.', {
      cause: error,
    });
  }
}

/** Line and column of the offset that V8 puts in some of its messages, else the line where the text begins. */
function placeOf(reason: string, text: string, firstLine: number): string {
  const offset = /at position (\d+)/.exec(reason)?.[1];
  if (offset === undefined) return `${firstLine}`;
  const lines = text.slice(0, Number(offset)).split('\n');
  return `${firstLine + lines.length - 1}:${lines[lines.length - 1].length + 1}`;
}
