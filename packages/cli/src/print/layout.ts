import { displayWidth, padEnd, padStart } from './text-width.ts';

export type Alignment = 'left' | 'right';

/** Width of the label column, `Throughput  ` and its like. */
export const labelWidth = 12;

/** Rows of cells as lines of equal columns, two spaces between them; cells may hold colours. */
export function table(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  gap = 2,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        alignments[column] === 'right'
          ? padStart(cell, widths[column])
          : padEnd(cell, widths[column]),
      )
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

/** Pieces on as few lines as `width` allows, broken only between pieces; a separator never starts or ends a line. */
export function flow(pieces: readonly string[], width: number, separator: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    if (line === '') line = piece;
    else if (displayWidth(line) + displayWidth(separator) + displayWidth(piece) <= width) {
      line += separator + piece;
    } else {
      lines.push(line);
      line = piece;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** A paragraph broken at spaces; a word longer than `width` keeps a line of its own. */
export function wrap(text: string, width: number): string[] {
  return flow(text.split(' '), width, ' ');
}

/** The lines with a label before the first and the same width of space before the others. */
export function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => padEnd(index === 0 ? label : '', labelWidth) + line);
}

/** Two blocks next to each other, the left one padded to its widest line. */
export function beside(left: readonly string[], right: readonly string[], gap: number): string[] {
  const leftWidth = Math.max(0, ...left.map(displayWidth));
  const height = Math.max(left.length, right.length);
  const lines: string[] = [];
  for (let row = 0; row < height; row += 1) {
    const [leftLine, rightLine] = [left[row] ?? '', right[row] ?? ''];
    lines.push((padEnd(leftLine, leftWidth + gap) + rightLine).trimEnd());
  }
  return lines;
}

/** The label column alone, in a line that is put together by hand. */
export function padLabel(label: string): string {
  return padEnd(label, labelWidth);
}
