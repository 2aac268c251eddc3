import type { Distribution, IterationLedger, IterationsSummary } from '@needletail/load/summary';
import { formatCount, formatMs, formatRate } from '../figures.ts';
import { flow, labelled, labelWidth, table } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { displayWidth, padEnd, printable, truncate } from '../text-width.ts';

type Counted = IterationLedger & { readonly durationMs: Distribution };

interface Column {
  readonly heading: string;
  /** Left out on pages narrower than this. */
  readonly fromWidth: number;
  cell(iterations: Counted, seconds: number): string;
}

const columns: readonly Column[] = [
  { heading: 'ok', fromWidth: 0, cell: ({ ok }) => formatCount(ok) },
  { heading: 'failed', fromWidth: 0, cell: ({ failed }) => formatCount(failed) },
  {
    heading: 'per second',
    fromWidth: 72,
    cell: ({ ok, failed }, seconds) => rate(ok + failed, seconds),
  },
  { heading: 'p50', fromWidth: 0, cell: ({ durationMs }) => time(durationMs, durationMs.p50) },
  { heading: 'p95', fromWidth: 72, cell: ({ durationMs }) => time(durationMs, durationMs.p95) },
  { heading: 'p99', fromWidth: 0, cell: ({ durationMs }) => time(durationMs, durationMs.p99) },
  { heading: 'max', fromWidth: 0, cell: ({ durationMs }) => time(durationMs, durationMs.max) },
];

/** The ledger of iterations and how long they took, scenario by scenario when there are several. */
export const iterationsSection: Section = ({ iterations, durationMs }, page) => {
  if (iterations === null) return [];
  const pieces = ledgerPieces(iterations, page);
  return [
    ...labelled(page.style.heading('Iterations'), flow(pieces, page.width - labelWidth, ' ')),
    ...scenarioLines(iterations, durationMs / 1000, page),
  ];
};

function ledgerPieces(iterations: IterationsSummary, { style }: Page): string[] {
  const { scheduled, ok, failed, dropped, inFlight } = iterations;
  const sum = ok + failed + dropped + inFlight;
  return [
    `${formatCount(scheduled)} scheduled`,
    `= ${formatCount(ok)} ok`,
    `+ ${formatCount(failed)} failed`,
    `+ ${formatCount(dropped)} dropped`,
    `+ ${formatCount(inFlight)} in flight ${
      sum === scheduled
        ? style.good('✓')
        : style.bad(`✗ the parts are ${formatCount(sum)}: this is a bug in needletail`)
    }`,
  ];
}

function scenarioLines(iterations: IterationsSummary, seconds: number, page: Page): string[] {
  const { scenarios } = iterations;
  const rows: readonly (Counted & { readonly name: string })[] =
    scenarios.length > 1 ? [...scenarios, { ...iterations, name: 'all' }] : scenarios;
  const shown = columns.filter(({ fromWidth }) => page.width >= fromWidth);
  const figures = table(
    [
      shown.map(({ heading }) => heading),
      ...rows.map((row) => shown.map((column) => column.cell(row, seconds))),
    ],
    shown.map(() => 'right'),
  );
  const nameWidth = page.width - Math.max(...figures.map(displayWidth)) - 4;
  const names = rows.map(({ name }) => truncate(printable(name), nameWidth));
  const widest = Math.max(labelWidth - 4, ...names.map(displayWidth));
  return [
    `${' '.repeat(widest + 4)}${page.style.faint(figures[0])}`,
    ...rows.map((row, index) => {
      const line = `  ${padEnd(names[index], widest)}  ${figures[index + 1]}`;
      return row.failed + row.dropped > 0 ? page.style.bad(line) : line;
    }),
  ];
}

function rate(ended: number, seconds: number): string {
  return seconds > 0 ? formatRate(ended / seconds) : '–';
}

function time({ count }: Distribution, ms: number): string {
  return count === 0 ? '–' : formatMs(ms);
}
