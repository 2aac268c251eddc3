import { describe, expect, it } from 'vitest';
import { beside, flow, labelled, table, wrap } from './layout.ts';

describe('table', () => {
  it('lines columns up by their widest cell and leaves no space at the end of a line', () => {
    const rows = [
      ['a', '1', ''],
      ['bbb', '100', 'x'],
    ];
    expect(table(rows, ['left', 'right', 'left'])).toEqual(['a      1', 'bbb  100  x']);
  });
});

describe('flow', () => {
  it('breaks between pieces only, with no separator at either end', () => {
    expect(flow(['one', 'two', 'three'], 10, ' · ')).toEqual(['one · two', 'three']);
    expect(flow(['far too long for it', 'b'], 5, ' ')).toEqual(['far too long for it', 'b']);
    expect(flow([], 10, ' ')).toEqual([]);
  });
});

describe('wrap', () => {
  it('breaks at spaces', () => {
    expect(wrap('the quick brown fox', 9)).toEqual(['the quick', 'brown fox']);
  });
});

describe('labelled', () => {
  it('puts the label before the first line and keeps the others in column', () => {
    expect(labelled('Ledger', ['a', 'b'])).toEqual(['Ledger      a', '            b']);
  });
});

describe('beside', () => {
  it('keeps the right block in column when either is shorter', () => {
    expect(beside(['a', 'bbb'], ['1', '2', '3'], 2)).toEqual(['a    1', 'bbb  2', '     3']);
    expect(beside(['a', 'b'], [], 2)).toEqual(['a', 'b']);
  });
});
