import type { EndpointSummary, Ledger } from '@needletail/load/summary';
import { formatCount, formatMs, formatShare } from '../figures.ts';
import { table, wrap, type Alignment } from '../layout.ts';
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

const mostShown = 15;

/**
 * One row per endpoint when there are several, of many those with the most requests; wider pages get more columns and
 * longer names.
 */
export const endpointsSection: Section = (summary, { width, style }) => {
  if (summary.endpoints.length < 2) return [];
  const { endpoints, rest } = mostUsed(summary.endpoints);
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
    ...restLines(rest, width).map(style.faint),
  ];
};

/** Plans keep the order of their requests; only what is too long for a page is cut to what counts. */
function mostUsed(all: readonly EndpointSummary[]): {
  readonly endpoints: readonly EndpointSummary[];
  readonly rest: readonly EndpointSummary[];
} {
  if (all.length <= mostShown) return { endpoints: all, rest: [] };
  const sorted = [...all].sort((left, right) => right.ledger.scheduled - left.ledger.scheduled);
  return { endpoints: sorted.slice(0, mostShown), rest: sorted.slice(mostShown) };
}

function restLines(rest: readonly EndpointSummary[], width: number): string[] {
  if (rest.length === 0) return [];
  const sum = (read: (ledger: Ledger) => number): number =>
    rest.reduce((total, { ledger }) => total + read(ledger), 0);
  const errors = sum(({ failed, timedOut, dropped }) => failed + timedOut + dropped);
  const ended = sum(({ scheduled, inFlight }) => scheduled - inFlight);
  const requests = `${formatCount(sum(({ scheduled }) => scheduled))} requests`;
  const text = `and ${rest.length} more with ${requests}, errors ${formatShare(errors, ended)} (all of them in --json)`;
  return wrap(text, width - 2).map((line) => `  ${line}`);
}

function hasErrors(ledger: Ledger): boolean {
  return ledger.failed + ledger.timedOut + ledger.dropped > 0;
}

function errorShare(ledger: Ledger): string {
  const errors = ledger.failed + ledger.timedOut + ledger.dropped;
  return formatShare(errors, ledger.scheduled - ledger.inFlight);
}
