import type { EndpointSummary, Ledger } from '@needletail/load/summary';
import { formatCount, formatMs, formatShare } from '../figures.ts';
import { table, type Alignment } from '../layout.ts';
import type { Section } from '../page.ts';
import { displayWidth, padEnd, printable, truncate } from '../text-width.ts';

interface Column {
  readonly heading: string;
  /** Left out on pages narrower than this. */
  readonly fromWidth: number;
  cell(endpoint: EndpointSummary): string;
}

const columns: readonly Column[] = [
  { heading: 'requests', fromWidth: 0, cell: ({ ledger }) => formatCount(ledger.scheduled) },
  { heading: 'failed', fromWidth: 100, cell: ({ ledger }) => formatCount(ledger.failed) },
  { heading: 'timed out', fromWidth: 120, cell: ({ ledger }) => formatCount(ledger.timedOut) },
  { heading: 'dropped', fromWidth: 120, cell: ({ ledger }) => formatCount(ledger.dropped) },
  { heading: 'errors', fromWidth: 0, cell: ({ ledger }) => errorShare(ledger) },
  { heading: 'p50', fromWidth: 0, cell: ({ latencyMs }) => formatMs(latencyMs.p50) },
  { heading: 'p95', fromWidth: 0, cell: ({ latencyMs }) => formatMs(latencyMs.p95) },
  { heading: 'p99', fromWidth: 0, cell: ({ latencyMs }) => formatMs(latencyMs.p99) },
  { heading: 'p99.9', fromWidth: 100, cell: ({ latencyMs }) => formatMs(latencyMs.p999) },
  { heading: 'max', fromWidth: 100, cell: ({ latencyMs }) => formatMs(latencyMs.max) },
];

/** One row per endpoint when there are several; wider pages get more columns and longer names. */
export const endpointsSection: Section = ({ endpoints }, { width, style }) => {
  if (endpoints.length < 2) return [];
  const shown = columns.filter((column) => width >= column.fromWidth);
  const alignments: Alignment[] = shown.map(() => 'right');
  const figures = table(
    [
      shown.map((column) => column.heading),
      ...endpoints.map((endpoint) => shown.map((column) => column.cell(endpoint))),
    ],
    alignments,
  );
  const nameWidth = width - Math.max(...figures.map(displayWidth)) - 4;
  const names = endpoints.map((endpoint) => truncate(printable(endpoint.name), nameWidth));
  const widest = Math.max(...names.map(displayWidth), 'Endpoints'.length - 2);
  const heading = padEnd(style.heading('Endpoints'), widest + 4) + style.faint(figures[0]);
  return [
    heading,
    ...names.map((name, row) => {
      const line = `  ${padEnd(name, widest)}  ${figures[row + 1]}`;
      return hasErrors(endpoints[row].ledger) ? style.bad(line) : line;
    }),
  ];
};

function hasErrors(ledger: Ledger): boolean {
  return ledger.failed + ledger.timedOut + ledger.dropped > 0;
}

function errorShare(ledger: Ledger): string {
  const errors = ledger.failed + ledger.timedOut + ledger.dropped;
  return formatShare(errors, ledger.scheduled - ledger.inFlight);
}
