const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar `fraction` (0 to 1) of `width` columns long, to an eighth of a column; anything above nothing shows. */
export function bar(fraction: number, width: number): string {
  if (!(fraction > 0)) return '';
  const units = Math.max(1, Math.round(Math.min(1, fraction) * width * 8));
  return '█'.repeat(Math.floor(units / 8)) + eighths[units % 8];
}

/** A track of exactly `width` columns, filled from the left: the filled part and the rest, to be coloured apart. */
export function progressTrack(fraction: number, width: number): readonly [string, string] {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return ['━'.repeat(filled), '─'.repeat(width - filled)];
}

/**
 * One character per value from the bottom (zero) to the top (the largest), at most `width` characters.
 * Values that share a character are represented by the largest of them, so that a short spike stays to be seen.
 */
export function sparkline(values: readonly number[], width: number): string {
  const cells = fold(values, width);
  const top = Math.max(...cells, 0);
  if (top === 0) return heights[0].repeat(cells.length);
  return cells
    .map((value) => heights[Math.min(7, Math.max(0, Math.ceil((value / top) * 8) - 1))])
    .join('');
}

function fold(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  const cells: number[] = [];
  for (let cell = 0; cell < width; cell += 1) {
    const from = Math.floor((cell * values.length) / width);
    const to = Math.floor(((cell + 1) * values.length) / width);
    cells.push(Math.max(...values.slice(from, to)));
  }
  return cells;
}
