import { formatCount, formatShare } from '../figures.ts';
import { table } from '../layout.ts';
import type { Section } from '../page.ts';
import { printable, truncate } from '../text-width.ts';

const mostShown = 30;

/** Checks by name, those that failed first. */
export const checksSection: Section = ({ checks }, { style, width }) => {
  if (checks.length === 0) return [];
  const sorted = [...checks].sort((left, right) => right.failed - left.failed);
  const rows = sorted
    .slice(0, mostShown)
    .map(({ name, passed, failed }) => [
      `  ${failed === 0 ? style.good('✓') : style.bad('✗')}`,
      truncate(printable(name), width - 46),
      formatShare(passed, passed + failed),
      `${formatCount(passed)} passed`,
      failed === 0 ? '' : style.bad(`${formatCount(failed)} failed`),
    ]);
  const rest = sorted.slice(mostShown);
  return [
    style.heading('Checks'),
    ...table(rows, ['left', 'left', 'right', 'right', 'right']),
    ...(rest.length === 0
      ? []
      : [style.faint(`  and ${rest.length} more, ${outcomeOf(rest)} (all of them in --json)`)]),
  ];
};

function outcomeOf(rest: readonly { readonly failed: number }[]): string {
  const failed = rest.reduce((sum, check) => sum + check.failed, 0);
  return failed === 0 ? 'none of which failed' : `failed ${formatCount(failed)} times`;
}
