import type { GeneratorSummary, Ledger, PlanSummary } from '@needletail/load/summary';
import { formatCount, formatMs, formatPercent, significant } from '../figures.ts';
import { flow, labelWidth, labelled } from '../layout.ts';
import type { Page, Section } from '../page.ts';

/** The proof that every request due is accounted for, and what the generator itself cost and missed. */
export const ledgerSection: Section = ({ ledger, generator, plan }, page) => {
  const space = page.width - labelWidth;
  const lines = labelled(
    page.style.heading('Ledger'),
    flow(ledgerPieces(ledger, page), space, ' '),
  );
  // No thread was started when the name of the target could not be resolved.
  if (generator.workers === 0) return lines;
  const pieces = generatorPieces(generator, plan);
  return [...lines, ...labelled(page.style.heading('Generator'), flow(pieces, space, ' · '))];
};

function ledgerPieces(ledger: Ledger, { style }: Page): string[] {
  const { scheduled, ok, failed, timedOut, dropped, inFlight } = ledger;
  const sum = ok + failed + timedOut + dropped + inFlight;
  return [
    `${formatCount(scheduled)} scheduled`,
    `= ${formatCount(ok)} ok`,
    `+ ${formatCount(failed)} failed`,
    `+ ${formatCount(timedOut)} timed out`,
    `+ ${formatCount(dropped)} dropped`,
    `+ ${formatCount(inFlight)} in flight`,
    sum === scheduled
      ? style.good('✓')
      : style.bad(`✗ the parts are ${formatCount(sum)}: this is a bug in needletail`),
  ];
}

function generatorPieces(generator: GeneratorSummary, { model }: PlanSummary): string[] {
  const { latenessMs, floorMs, gcPauseMs } = generator;
  const pieces = [
    `${significant(generator.cpuMicrosPerRequest)} µs CPU per request`,
    // Users who do not think follow no schedule that they could be late for.
    ...(model === 'closed' && latenessMs.p99 === 0
      ? []
      : [`lateness p50 ${formatMs(latenessMs.p50)}, p99 ${formatMs(latenessMs.p99)}`]),
    `floor p50 ${formatMs(floorMs.p50)}, p99 ${formatMs(floorMs.p99)}`,
    generator.starvedPercent === null
      ? 'starvation unknown here'
      : `starved ${formatPercent(generator.starvedPercent)}`,
  ];
  if (generator.eventLoopUtilization !== null) {
    pieces.push(`event loop ${formatPercent(generator.eventLoopUtilization * 100)}`);
  }
  if (gcPauseMs.count > 0) {
    pieces.push(`GC ${formatMs(gcPauseMs.total)}, longest ${formatMs(gcPauseMs.max)}`);
  }
  return pieces;
}
