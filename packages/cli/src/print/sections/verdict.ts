import type { RunSummary, Verdict } from '@needletail/load/summary';
import { formatMs, formatRate } from '../figures.ts';
import { labelWidth, padLabel, wrap } from '../layout.ts';
import type { Page, Section } from '../page.ts';
import { printable } from '../text-width.ts';

/** Pass, fail or invalid, what held the run back, and every reason in full. */
export const verdictSection: Section = ({ verdict, ended }, page) => {
  const { style, width } = page;
  const isSaid = verdict.bottleneck !== 'none' && ended !== 'unreachable';
  const bottleneck = !isSaid ? '' : ` · bottleneck: ${verdict.bottleneck}`;
  const first = padLabel(style.heading('Verdict')) + paintStatus(verdict, page) + bottleneck;
  const reasons = verdict.reasons.flatMap((reason) =>
    wrap(printable(reason), width - labelWidth - 2).map(
      (line, index) => padLabel('') + (index === 0 ? `· ${line}` : `  ${line}`),
    ),
  );
  return [first, ...reasons];
};

function paintStatus({ status }: Verdict, { style }: Page): string {
  const paint = { pass: style.good, fail: style.bad, invalid: style.doubtful }[status];
  return style.strong(paint(status.toUpperCase()));
}

/** The verdict in one line, for standard error: `fail: Threshold "p99 < 50ms" was not met: 144.3.`. */
export function formatVerdictLine({ verdict, throughput, latencyMs }: RunSummary): string {
  const figures = `${formatRate(throughput.requestsPerSecond)} requests/s, p99 ${formatMs(latencyMs.p99)}`;
  const because = verdict.reasons.length === 0 ? figures : verdict.reasons.map(printable).join(' ');
  return verdict.status === 'pass' ? `pass: ${figures}` : `${verdict.status}: ${because}`;
}
