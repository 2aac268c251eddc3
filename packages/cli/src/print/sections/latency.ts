import type { Distribution, HistogramBin, RunSummary } from '@needletail/load/summary';
import { bar } from '../bars.ts';
import { formatCount, formatMs } from '../figures.ts';
import { beside, labelWidth, labelled, table, wrap } from '../layout.ts';
import type { Page } from '../page.ts';
import { displayWidth, padEnd, padStart } from '../text-width.ts';

const rows: readonly (readonly [string, (distribution: Distribution) => number])[] = [
  ['min', (distribution) => distribution.min],
  ['mean', (distribution) => distribution.mean],
  ['p50', (distribution) => distribution.p50],
  ['p75', (distribution) => distribution.p75],
  ['p90', (distribution) => distribution.p90],
  ['p95', (distribution) => distribution.p95],
  ['p99', (distribution) => distribution.p99],
  ['p99.9', (distribution) => distribution.p999],
  ['max', (distribution) => distribution.max],
];

const columnWidth = 9;
const gapBeforePicture = 4;

/** Latency beside service time and the lag between them, with a picture of the distribution at their right. */
export function latencySection(summary: RunSummary, page: Page): string[] {
  const { latencyMs, serviceTimeMs, scheduleLagMs, histogram, plan } = summary;
  const { style, width } = page;
  if (latencyMs.count === 0) {
    return labelled(style.heading('Latency'), [style.faint('nothing was recorded')]);
  }
  const headings = ['latency', 'service', 'lag'].map((text) => padStart(text, columnWidth));
  const figures = table(
    [
      [style.heading('Latency'), ...headings.map(style.faint)],
      ...rows.map(([label, read]) => [
        padEnd(`  ${label}`, labelWidth - 2),
        ...[latencyMs, serviceTimeMs, scheduleLagMs].map((times) =>
          times.count === 0 ? '–' : formatMs(read(times)),
        ),
      ]),
    ],
    ['left', 'right', 'right', 'right'],
  ).map((line) => (/^ {2}(p50|p99) /.test(line) ? style.strong(line) : line));
  const tableWidth = Math.max(...figures.map(displayWidth));
  const picture = distributionPicture(histogram, {
    width: width - tableWidth - gapBeforePicture,
    style,
  });
  return [...beside(figures, picture, gapBeforePicture), ...meaning(plan.model, page)];
}

function meaning(model: 'open' | 'closed', { width, style }: Page): string[] {
  const text =
    model === 'open'
      ? 'latency counts from when a request was due, service from when it was sent'
      : 'closed loop: users wait, so a stall shows as fewer requests; -R shows the wait';
  return wrap(text, width - 2).map((line) => `  ${style.faint(line)}`);
}

/** One row a bin; neighbours are joined until the picture is no higher than the table beside it. */
function distributionPicture(bins: readonly HistogramBin[], { width, style }: Page): string[] {
  const joined = joinEqualLabels(joinBins(bins, rows.length + 1));
  const most = Math.max(1, ...joined.map((bin) => bin.count));
  const labels = joined.map(labelOf);
  const counts = joined.map((bin) => formatCount(bin.count));
  const countWidth = Math.max(0, ...counts.map((count) => count.length));
  const labelColumns = Math.max(0, ...labels.map(displayWidth));
  const barWidth = Math.min(60, width - labelColumns - countWidth - 3);
  if (barWidth < 6) return [];
  const lines = joined.map((bin, row) => {
    const picture = style.chart(bar(bin.count / most, barWidth));
    return `${padStart(labels[row], labelColumns)} ${picture} ${style.faint(counts[row])}`;
  });
  return joined.length > rows.length ? lines : ['', ...lines];
}

function labelOf({ toMs }: HistogramBin): string {
  return `≤ ${formatMs(toMs)}`;
}

/** Where all answers took nearly the same time, the ends of several bins read the same. */
function joinEqualLabels(bins: readonly HistogramBin[]): HistogramBin[] {
  const joined: HistogramBin[] = [];
  for (const bin of bins) {
    const last = joined.at(-1);
    if (last === undefined || labelOf(last) !== labelOf(bin)) joined.push(bin);
    else joined[joined.length - 1] = { ...bin, fromMs: last.fromMs, count: last.count + bin.count };
  }
  return joined;
}

function joinBins(bins: readonly HistogramBin[], atMost: number): HistogramBin[] {
  const size = Math.ceil(bins.length / atMost);
  const joined: HistogramBin[] = [];
  for (let first = 0; first < bins.length; first += size) {
    const group = bins.slice(first, first + size);
    joined.push({
      fromMs: group[0].fromMs,
      toMs: group[group.length - 1].toMs,
      count: group.reduce((total, bin) => total + bin.count, 0),
    });
  }
  return joined;
}
