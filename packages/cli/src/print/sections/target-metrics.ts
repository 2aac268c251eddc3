import type { TargetMetrics } from '@needletail/load/summary';
import { sparkline } from '../bars.ts';
import { formatBytes, formatMs, formatPercent, formatRate, significant } from '../figures.ts';
import { table, wrap } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { displayWidth, padEnd, printable, truncate } from '../text-width.ts';

type Series = TargetMetrics['series'][number];

const widestSpark = 60;

/** The target's own figures over the run, below where they were read; then what could not be read. */
export const targetMetricsSection: Section = ({ target }, page) => {
  if (target === null) return [];
  const { style, width } = page;
  const problems = target.problems.flatMap((problem) =>
    wrap(printable(problem), width - 4).map(
      (line, index) => `  ${index === 0 ? '·' : ' '} ${style.doubtful(line)}`,
    ),
  );
  return [...seriesLines(target.series, page), ...problems];
};

function seriesLines(series: readonly Series[], { style, width }: Page): string[] {
  if (series.length === 0) return [style.heading('Target')];
  const [headings, ...figures] = table(
    [['min', 'mean', 'max'], ...series.map(figuresOf)],
    ['right', 'right', 'right'],
  );
  const figureWidth = Math.max(...figures.map(displayWidth));
  const nameWidth = Math.max(8, Math.floor((width - figureWidth - 8) / 2));
  const names = series.map(({ name }) => truncate(printable(name), nameWidth));
  const widest = Math.max(...names.map(displayWidth));
  const sparkWidth = Math.min(widestSpark, width - widest - figureWidth - 8);
  const lines = series.flatMap(({ points, source }, row) => {
    const values = points.map(({ value }) => value);
    const named = `    ${padEnd(names[row], widest)}  ${padEnd(figures[row], figureWidth)}`;
    const line =
      values.length === 0 ? named : `${named}  ${style.chart(sparkline(values, sparkWidth))}`;
    const isFirst = row === 0 || series[row - 1].source !== source;
    return isFirst ? [`  ${style.faint(truncate(printable(source), width - 2))}`, line] : [line];
  });
  return [padEnd(style.heading('Target'), widest + 6) + style.faint(headings), ...lines];
}

function figuresOf({ points, unit }: Series): string[] {
  if (points.length === 0) return ['–', '–', '–'];
  const values = points.map(({ value }) => value);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [Math.min(...values), mean, Math.max(...values)].map((value) => formatValue(value, unit));
}

function formatValue(value: number, unit: Series['unit']): string {
  switch (unit) {
    case 'percent':
      return formatPercent(value);
    case 'bytes':
      return formatBytes(value);
    case 'milliseconds':
      return formatMs(value);
    case 'per second':
      return `${formatRate(value)}/s`;
    case 'count':
    case '':
      return significant(value);
  }
}
