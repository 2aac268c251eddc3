import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { displayWidth, padEnd, padStart, printable, truncate } from './text-width.ts';

describe('displayWidth', () => {
  it('counts columns, not characters', () => {
    expect(displayWidth('plain')).toBe(5);
    expect(displayWidth('商品')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('🚀')).toBe(2);
    expect(displayWidth('\u001b[31mred\u001b[39m')).toBe(3);
  });
});

describe('printable', () => {
  it('takes the power out of what a server sends', () => {
    expect(printable('\u001b[2Jgone\u0007')).toBe('\ufffd[2Jgone\ufffd');
    expect(printable('two\r\nlines\there')).toBe('two lines here');
    expect(printable('\u202eevil')).toBe('\ufffdevil');
    expect(printable('naïve 商品 🚀')).toBe('naïve 商品 🚀');
  });

  it('leaves no control character whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
        expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe('truncate', () => {
  it('fits in the width and says that something is missing', () => {
    expect(truncate('abcdef', 6)).toBe('abcdef');
    expect(truncate('abcdefg', 6)).toBe('abcde…');
    expect(truncate('商品一覧', 6)).toBe('商品…');
    expect(truncate('abc', 0)).toBe('');
  });

  it('is never wider than asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, width) => {
        const safe = printable(text);
        expect(displayWidth(truncate(safe, width))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('padEnd and padStart', () => {
  it('pad by columns and never cut', () => {
    expect(padEnd('商', 4)).toBe('商  ');
    expect(padStart('\u001b[1mx\u001b[22m', 3)).toBe('  \u001b[1mx\u001b[22m');
    expect(padEnd('long', 2)).toBe('long');
  });
});
