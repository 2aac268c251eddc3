import type { Distribution, RunSummary } from '@needletail/load/summary';
import { formatCount, formatMs } from '../figures.ts';
import { labelWidth, padLabel, table } from '../layout.ts';
import type { Page } from '../page.ts';
import { padStart } from '../text-width.ts';

const columnWidth = 8;

/** Where the time of a request went; a phase that never happened is left out. */
export function phasesSection({ phasesMs }: RunSummary, { style }: Page): string[] {
  const phases: readonly (readonly [string, Distribution])[] = [
    ['connect', phasesMs.connect],
    ['TLS', phasesMs.tls],
    ['first byte', phasesMs.firstByte],
  ];
  const seen = phases.filter(([, distribution]) => distribution.count > 0);
  if (seen.length === 0) return [];
  const headings = ['p50', 'p95', 'p99', 'max', 'count'].map((text) => padStart(text, columnWidth));
  const rows = seen.map(([label, distribution]) => [
    padLabel(`  ${label}`).slice(0, labelWidth),
    ...[distribution.p50, distribution.p95, distribution.p99, distribution.max].map(formatMs),
    formatCount(distribution.count),
  ]);
  const [first, ...others] = table(
    [[padLabel(''), ...headings], ...rows],
    ['left', 'right', 'right', 'right', 'right', 'right'],
  );
  return [style.heading('Phases') + style.faint(first.slice('Phases'.length)), ...others];
}
