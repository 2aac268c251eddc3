import type { Estimate, SweepSummary } from '@needletail/load/search';
import { bar } from '../bars.ts';
import { formatMs, formatPercent, formatRate, formatSetting } from '../figures.ts';
import { flow, labelled, labelWidth, table, wrap, type Alignment } from '../layout.ts';
import type { Page } from '../page.ts';
import { createStyle } from '../style.ts';
import { displayWidth, printable, truncate } from '../text-width.ts';
import { formatAmount, formatBareAmount } from './format-amount.ts';
import { pageWidth, verdictLines } from './verdict-lines.ts';

/** The report of a sweep for people, ending with a newline. */
export function formatSweep(
  summary: SweepSummary,
  options: { readonly width: number; readonly color: boolean },
): string {
  const page: Page = { width: pageWidth(options.width), style: createStyle(options.color) };
  const blocks = [
    heading(summary, page),
    points(summary, page),
    found(summary, page),
    law(summary, page),
    verdictLines(summary.verdict, page),
  ].filter((block) => block.length > 0);
  return `\n${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}

function heading(summary: SweepSummary, { width, style }: Page): string[] {
  const { target, name, settings, objectives, tool } = summary;
  const title = name === null ? target : `${name} · ${target}`;
  const details = [
    `${formatSetting(settings.stepMs)} a level`,
    ...(settings.repeats > 1 ? [`${settings.repeats} times`] : []),
    ...(settings.shuffle ? ['in random order'] : []),
    ...objectives,
    tool.runtime,
    `needletail ${tool.version}`,
  ];
  return labelled(style.heading('needletail'), [
    style.strong(truncate(printable(title), width - labelWidth)),
    ...flow(details.map(printable), width - labelWidth, ' · ').map(style.faint),
  ]);
}

/** Narrower pages leave out the tail. */
const roomy = 80;

function points(summary: SweepSummary, { width, style }: Page): string[] {
  if (summary.points.length === 0) return [];
  const hasTail = width >= roomy;
  const figures: Alignment[] = ['right', 'right', 'right', 'right'];
  const alignments: Alignment[] = [...figures, ...(hasTail ? (['right'] as const) : []), 'left'];
  const [first = '', ...rows] = table(
    [
      [summary.unit, 'throughput', 'mean', ...(hasTail ? ['p95'] : []), 'errors', ''],
      ...summary.points.map((point) => {
        const runs = summary.levels.filter(({ amount }) => amount === point.amount);
        const noise = point.noise === null ? '' : ` ±${formatPercent(100 * point.noise)}`;
        return [
          formatBareAmount(point.amount, summary.unit),
          `${formatRate(point.throughput)}/s${noise}`,
          formatMs(point.latencyMs),
          ...(hasTail ? [formatMs(Math.max(...runs.map(({ latencyMs }) => latencyMs.p95)))] : []),
          formatPercent(Math.max(...runs.map(({ errorPercent }) => errorPercent))),
          [
            ...marksOf(summary, point.amount),
            ...(point.generatorLimited ? ['generator'] : []),
          ].join(', '),
        ];
      }),
    ],
    alignments,
  );
  const used = Math.max(displayWidth(first), ...rows.map(displayWidth));
  const room = Math.min(30, width - used - 4);
  const most = Math.max(...summary.points.map(({ throughput }) => throughput));
  return [
    style.faint(`  ${first}`),
    ...rows.map((row, index) => {
      const picture = room < 6 ? '' : bar(summary.points[index]!.throughput / most, room);
      return `  ${row}${' '.repeat(used - displayWidth(row) + 2)}${style.chart(picture)}`.trimEnd();
    }),
  ];
}

function marksOf({ knee, optimal }: SweepSummary, amount: number): string[] {
  return [...(amount === knee ? ['knee'] : []), ...(amount === optimal ? ['optimal'] : [])];
}

function sentence(label: string, text: string, { width, style }: Page): string[] {
  return labelled(style.heading(label), wrap(text, width - labelWidth));
}

function found(
  { knee, optimal, highestHeld, unit, objectives }: SweepSummary,
  page: Page,
): string[] {
  const { strong } = page.style;
  const amount = (value: number | null): string =>
    value === null ? 'no level' : formatAmount(value, unit);
  if (knee === null) return [];
  return [
    ...sentence('Knee', `${strong(amount(knee))}: most throughput for its latency`, page),
    ...sentence('Optimal', `${strong(amount(optimal))}: fewest for 95% of the throughput`, page),
    ...(objectives.length === 0 ? [] : sentence('Holds', `up to ${amount(highestHeld)}`, page)),
  ];
}

function law({ scaling }: SweepSummary, { style, width }: Page): string[] {
  if (scaling === null) return [];
  const { lambda, sigma, kappa, rSquared, peakUsers, peakThroughput, confidence } = scaling;
  const share = Number((100 * confidence).toPrecision(3));
  const small = (value: number): string => value.toPrecision(3);
  const lines = [
    'X(N) = λN / (1 + σ(N−1) + κN(N−1))',
    `R² ${rSquared.toFixed(4)}, intervals of ${share}%`,
    `λ ${estimate(lambda, formatRate)}/s for one user`,
    `σ ${estimate(sigma, small)} waiting for what only one can have`,
    `κ ${estimate(kappa, small)} agreeing with one another`,
    `peak at ${estimate(peakUsers, formatRate)} users, ${estimate(peakThroughput, formatRate)}/s`,
  ];
  const wrapped = lines.flatMap((line) => wrap(line, width - labelWidth));
  return labelled(style.heading('Scaling'), wrapped);
}

function estimate({ value, low, high }: Estimate, format: (value: number) => string): string {
  const shown = (bound: number | null): string => (bound === null ? '∞' : format(bound));
  const interval = low === null && high === null ? '' : ` (${shown(low)} to ${shown(high)})`;
  return `${shown(value)}${interval}`;
}
