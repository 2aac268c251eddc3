import { describe, expect, it } from 'vitest';
import { overrideHeaders, parseHeaderLine, readHeaders } from './request-headers.ts';

describe('readHeaders', () => {
  it('reads maps, lists of values and lines, in order', () => {
    expect(readHeaders({ Accept: 'a', 'X-N': 5, 'X-L': ['1', true] }, 'headers')).toEqual([
      ['Accept', 'a'],
      ['X-N', '5'],
      ['X-L', '1'],
      ['X-L', 'true'],
    ]);
    expect(readHeaders(['A: b:c', 'D:'], 'headers')).toEqual([
      ['A', 'b:c'],
      ['D', ''],
    ]);
    expect(readHeaders(undefined, 'headers')).toEqual([]);
  });
});

describe('parseHeaderLine', () => {
  it.each([
    ['no colon', 'has no name and colon'],
    [': value', 'has no name and colon'],
    ['Bad Name: a', '"Bad Name" is no header name'],
    ['A : b', '"A " is no header name'],
    ['A: b\r\nC: d', 'holds U+000D'],
    ['A: b\nC', 'holds U+000A'],
    ['A: \0', 'holds U+0000'],
    ['A: č', 'holds U+010D'],
    ['A: 🐦', 'holds U+1F426'],
    ['Content-Length: 5', 'it is counted from the body (-H). Leave it out.'],
    ['transfer-encoding: chunked', 'bodies are sent with their length'],
    ['CONNECTION: close', 'it is set by --no-keepalive or keepAlive: false (-H). Use that.'],
    ['Upgrade: h2c', 'only HTTP/1.1 is spoken'],
    ['Expect: 100-continue', 'without waiting for 100 Continue'],
    ['Host: {{host}}', 'Host cannot hold slots'],
  ])('refuses %j', (line, cause) => {
    expect(() => parseHeaderLine(line, '-H')).toThrow(cause);
  });

  it('takes what a field may hold, and drops the space around it', () => {
    expect(parseHeaderLine('A: \t ü x\ty ', '-H')).toEqual(['A', 'ü x\ty']);
    expect(parseHeaderLine('Host: other', '-H')).toEqual(['Host', 'other']);
  });
});

describe('overrideHeaders', () => {
  it('replaces by name, whatever the letter case', () => {
    const earlier = [
      ['A', '1'],
      ['B', '2'],
      ['a', '3'],
    ] as const;
    expect(overrideHeaders(earlier, [['a', '4']])).toEqual([
      ['B', '2'],
      ['a', '4'],
    ]);
  });
});
