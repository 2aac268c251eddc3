import { labelled, labelWidth, wrap } from '../layout.ts';
import type { Page } from '../page.ts';
import { printable } from '../text-width.ts';

const narrowest = 64;
const widest = 140;

/** The verdict of a search and its reasons, the last block of its report. */
export function verdictLines(
  {
    status,
    reasons,
  }: { readonly status: 'pass' | 'fail' | 'invalid'; readonly reasons: readonly string[] },
  { width, style }: Page,
): string[] {
  const paint = { pass: style.good, fail: style.bad, invalid: style.doubtful }[status];
  const lines = reasons.flatMap((reason) => wrap(printable(reason), width - labelWidth));
  return labelled(style.heading('Verdict'), [paint(status.toUpperCase()), ...lines]);
}

/** Columns that are laid out for, given those there are. */
export function pageWidth(columns: number): number {
  return Math.min(widest, Math.max(narrowest, columns));
}
