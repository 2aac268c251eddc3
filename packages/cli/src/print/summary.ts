import type { RunSummary } from '@needletail/load/summary';
import type { Page, Section } from './page.ts';
import { createStyle } from './style.ts';
import { checksSection } from './sections/checks.ts';
import { endpointsSection } from './sections/endpoints.ts';
import { headingSection } from './sections/heading.ts';
import { iterationsSection } from './sections/iterations.ts';
import { latencySection } from './sections/latency.ts';
import { ledgerSection } from './sections/ledger.ts';
import { outcomesSection } from './sections/outcomes.ts';
import { phasesSection } from './sections/phases.ts';
import { scriptErrorsSection } from './sections/script-errors.ts';
import { targetMetricsSection } from './sections/target-metrics.ts';
import { thresholdsSection } from './sections/thresholds.ts';
import { throughputSection } from './sections/throughput.ts';
import { timingsSection } from './sections/timings.ts';
import { verdictSection } from './sections/verdict.ts';

const narrowest = 64;
const widest = 140;

/** Rules and checks belong together: no empty line between them. */
const scoresSection: Section = (summary, page) => [
  ...thresholdsSection(summary, page),
  ...checksSection(summary, page),
];

const sections: readonly Section[] = [
  headingSection,
  throughputSection,
  iterationsSection,
  latencySection,
  phasesSection,
  outcomesSection,
  scriptErrorsSection,
  endpointsSection,
  timingsSection,
  targetMetricsSection,
  scoresSection,
  ledgerSection,
  verdictSection,
];

/** The report of a run for people: `width` columns of plain text, laid out for 64 to 140, ending with a newline. */
export function formatSummary(
  summary: RunSummary,
  options: { readonly width: number; readonly color: boolean },
): string {
  const page: Page = {
    width: Math.min(widest, Math.max(narrowest, options.width)),
    style: createStyle(options.color),
  };
  const blocks = sections.map((section) => section(summary, page)).filter((block) => block.length);
  return `\n${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}
