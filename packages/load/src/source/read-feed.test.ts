import { describe, expect, it } from 'vitest';
import { readFeed } from './read-feed.ts';

describe('readFeed', () => {
  it('reads CSV with quotes, a byte order mark, CRLF and empty lines', () => {
    const text = '\uFEFFid, name \r\n1,"a, ""b"""\r\n\r\n2,"two\nlines"\r\n';
    expect(readFeed('users.csv', text)).toEqual({
      file: 'users.csv',
      columns: ['id', 'name'],
      rows: [
        ['1', 'a, "b"'],
        ['2', 'two\nlines'],
      ],
    });
    expect(readFeed('users.csv', new TextEncoder().encode(text)).rows).toHaveLength(2);
  });

  it('reads TSV, JSON and NDJSON to the same rows', () => {
    const expected = {
      columns: ['id', 'name'],
      rows: [
        ['1', 'a'],
        ['2', ''],
      ],
    };
    expect(readFeed('a.tsv', 'id\tname\n1\ta\n2\t\n')).toMatchObject(expected);
    expect(readFeed('a.json', '[{"id":1,"name":"a"},{"name":null,"id":"2"}]')).toMatchObject(
      expected,
    );
    const lines = '{"id":1,"name":"a"}\r\n\n{"id":2,"name":""}';
    expect(readFeed('a.jsonl', lines)).toMatchObject(expected);
    expect(readFeed('a.txt', lines, 'ndjson')).toMatchObject(expected);
  });

  it.each([
    ['a.csv', '', 'there is no header row (a.csv)'],
    ['a.csv', 'id,name\n', 'there is no row of data (a.csv)'],
    ['a.csv', 'id,name\n1,a\n2\n', 'the row has 1 field, the header 2 (a.csv:3'],
    ['a.csv', 'id,name\n1,"a\n', 'a quote is opened and never closed (a.csv:2, field 2)'],
    ['a.csv', 'id,name\n1,a"b\n', 'a quote begins inside a field (a.csv:2, field 2)'],
    ['a.csv', 'id,name\n1,"a"b\n', 'a closing quote is followed by more text (a.csv:2, field 2)'],
    ['a.csv', 'id,\n1,2\n', 'column 2 is called ""'],
    ['a.csv', 'id,id\n1,2\n', '"id" is column 1 and 2'],
    ['a.csv', 'i{d\n1\n', 'column 1 is called "i{d"'],
    ['a.json', '', 'it is not JSON'],
    ['a.json', '{"id":1}', 'it is not an array'],
    ['a.json', '[]', 'there is no row of data'],
    ['a.json', '[{"id":1},2]', 'a row is not an object (a.json, element 2)'],
    ['a.json', '[{"id":1},{}]', 'the row has no "id", the first row has (a.json, element 2)'],
    ['a.json', '[{"id":1},{"id":1,"x":2}]', 'the row has "x", the first row has not'],
    ['a.json', '[{"id":[1]}]', '"id" holds an array'],
    ['a.json', '[{"id":{}}]', '"id" holds an object'],
    ['a.json', '[{"id":12345678901234567890}]', '"id" is past 2^53'],
    ['a.ndjson', '{"id":1}\n{"id"', 'it is not JSON'],
    ['a.ndjson', '{"id":1}\n{"id" 2}', '(a.ndjson:2:7)'],
    ['a.json', '[{"id":1},\n {"id" 2}]', '(a.json:2:8)'],
    ['a.ndjson', '{"id":1}\n\n[1]', 'a row is not an object (a.ndjson:3)'],
    ['a.xlsx', 'id', 'nothing is known of .xlsx files'],
    ['feed', 'id', 'the file name has no extension'],
  ])('refuses %s holding %j', (file, text, cause) => {
    expect(() => readFeed(file, text)).toThrow(cause);
  });

  it('refuses bytes that are no text, and more than every worker should hold', () => {
    expect(() => readFeed('a.csv', Uint8Array.of(0x69, 0xff))).toThrow('it is not valid UTF-8');
    expect(() => readFeed('a.csv', new Uint8Array(64 * 2 ** 20 + 1))).toThrow('Feed too large');
    const columns = Array.from({ length: 1001 }, (_, index) => `c${index}`).join(',');
    expect(() => readFeed('a.csv', `${columns}\n${columns}`)).toThrow('it has 1001 columns');
  });
});
