import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

function linesOf(pieces: readonly string[], maxCharacters = Infinity): string[] {
  const splitter = new LineSplitter(maxCharacters, () => new Error('too long'));
  const lines = pieces.flatMap((piece) => splitter.push(piece));
  const last = splitter.end();
  return last === null ? lines : [...lines, last];
}

describe('LineSplitter', () => {
  it.each([
    [
      ['', '12345\n', 'foo ', 'bar ', 'baz\n'],
      ['12345', 'foo bar baz'],
    ],
    [['a\r\rb\rc'], ['a', '', 'b', 'c']],
    [
      ['a\r', '\n\r\nb\r\nc'],
      ['a', '', 'b', 'c'],
    ],
    [
      ['a\r', '', '\nb'],
      ['a', 'b'],
    ],
    [['a\n\nb\n'], ['a', '', 'b']],
    [['\n'], ['']],
    [['\r'], ['']],
    [['\r\n'], ['']],
    [['\n\r'], ['', '']],
    [[''], []],
    [['a\u2028b\u0085c\x0bd\n'], ['a\u2028b\u0085c\x0bd']],
  ])('cuts %j into %j', (pieces, lines) => {
    expect(linesOf(pieces)).toEqual(lines);
  });

  it('gives a line as soon as its CR is there', () => {
    expect(new LineSplitter(10, () => new Error()).push('a\r')).toEqual(['a']);
  });

  it('cuts the same however the text arrives', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n'), maxLength: 20 });
    fc.assert(
      fc.property(fc.array(text), (pieces) => {
        const whole = pieces.join('');
        const expected = whole.split(/\r\n|\r|\n/);
        if (expected.at(-1) === '') expected.pop();
        expect(linesOf(pieces)).toEqual(expected);
        expect(linesOf(whole.split(''))).toEqual(expected);
      }),
    );
  });

  it('throws at a line that is too long, ended or not', () => {
    expect(linesOf(['12345\n12345'], 5)).toEqual(['12345', '12345']);
    expect(() => linesOf(['123456\n'], 5)).toThrow('too long');
    expect(() => linesOf(['123', '456'], 5)).toThrow('too long');
  });

  it('takes time that grows with the length only', () => {
    const startedAt = performance.now();
    expect(linesOf(Array.from({ length: 200_000 }, () => 'a'))[0]).toHaveLength(200_000);
    expect(linesOf(['\r'.repeat(200_000)])).toHaveLength(200_000);
    expect(linesOf([`${'a\n'.repeat(100_000)}\r`])).toHaveLength(100_001);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
