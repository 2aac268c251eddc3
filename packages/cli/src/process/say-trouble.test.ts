import { describe, expect, it } from 'vitest';
import { sayTrouble } from './say-trouble.ts';
import type { Stream } from './shell.ts';

const message = `Unknown key: ${'"treshold" is no setting of a definition '.repeat(4)}(treshold). Mend it.`;

function said(text: string, terminal: { isTTY?: boolean; columns?: number }): string {
  let written = '';
  const stream = { ...terminal, write: (piece: string) => (written += piece) !== '' };
  sayTrouble(stream as unknown as Stream, text);
  return written;
}

describe('sayTrouble', () => {
  it.each([80, 140])('breaks between words on a terminal of %i columns', (columns) => {
    const text = said(message, { isTTY: true, columns });
    const lines = text.trimEnd().split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(' ')).toBe(`needletail: ${message}`);
  });

  it('leaves lines of a source alone, and everything where nobody looks', () => {
    const source = `  1 | ${'x '.repeat(100)}\n    |  ^`;
    expect(said(`Syntax error.\n${source}`, { isTTY: true, columns: 80 })).toBe(
      `needletail: Syntax error.\n${source}\n`,
    );
    expect(said(message, { columns: 80 })).toBe(`needletail: ${message}\n`);
  });
});
