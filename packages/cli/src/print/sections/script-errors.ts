import type { ScriptError } from '@needletail/load/summary';
import { formatCount } from '../figures.ts';
import { table, wrap } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { displayWidth, printable, truncate } from '../text-width.ts';

const mostErrors = 8;
const mostMessageLines = 3;
const mostStackLines = 4;

/** What scripts threw, most frequent first, each with its stack once. */
export const scriptErrorsSection: Section = ({ scriptErrors }, page) => {
  if (scriptErrors.length === 0) return [];
  const { style, width } = page;
  const shown = scriptErrors.slice(0, mostErrors);
  const figures = table(
    shown.map((error) => [
      `  ${truncate(error.unhandled ? 'not awaited' : printable(error.scenario), 24)}`,
      formatCount(error.count),
    ]),
    ['left', 'right'],
  );
  const indent = Math.max(...figures.map(displayWidth)) + 2;
  const lines = shown.flatMap((error, row) =>
    linesOf(error, width - indent, page).map((line, index) =>
      index === 0 ? `${style.bad(figures[row])}  ${line}` : ' '.repeat(indent) + line,
    ),
  );
  const rest = scriptErrors.slice(mostErrors);
  return [style.heading('Script errors'), ...lines, ...leftOut(rest, page)];
};

function linesOf({ message, stack }: ScriptError, width: number, { style }: Page): string[] {
  const whole = wrap(printable(message).trim(), width);
  const text = whole.slice(0, mostMessageLines).map((line, index) => {
    const isCut = index === mostMessageLines - 1 && whole.length > mostMessageLines;
    return truncate(isCut ? `${line} …` : line, width);
  });
  const frames = stack.slice(0, mostStackLines).map((frame) => `  ${printable(frame.trim())}`);
  return [...text, ...frames.map((frame) => style.faint(truncate(frame, width)))];
}

function leftOut(rest: readonly ScriptError[], { style }: Page): string[] {
  if (rest.length === 0) return [];
  const count = rest.reduce((sum, error) => sum + error.count, 0);
  return [
    style.faint(
      `  and ${formatCount(count)} more of ${rest.length} other kinds (all of them in --json)`,
    ),
  ];
}
