import type { PlanSummary, RunSummary } from '@needletail/load/summary';
import { formatCount, formatMs, formatSetting } from '../figures.ts';
import { flow, labelWidth, padLabel, wrap } from '../layout.ts';
import type { Page } from '../page.ts';
import { printable, truncate } from '../text-width.ts';

/** What was run: target, load, and every setting that changes what the figures mean. */
export function headingSection(summary: RunSummary, { width, style }: Page): string[] {
  const { plan } = summary;
  const target = truncate(printable(targetOf(plan)), width - labelWidth);
  const settings = flow(settingsOf(summary), width - labelWidth, ' · ');
  const lines = [
    padLabel(style.heading('needletail')) + style.strong(target),
    ...indented(printable(plan.description), width),
    ...settings.map((line) => padLabel('') + style.faint(line)),
  ];
  const early = endedEarly(summary);
  if (early === null) return lines;
  return [...lines, ...indented(early, width, style.doubtful)];
}

function indented(text: string, width: number, paint = (line: string) => line): string[] {
  return wrap(text, width - labelWidth).map((line) => padLabel('') + paint(line));
}

function targetOf(plan: PlanSummary): string {
  const [only] = plan.requests;
  const target = plan.requests.length === 1 ? `${only.method} ${only.url}` : plan.target;
  return plan.name === null ? target : `${plan.name} · ${target}`;
}

function settingsOf({ plan, tool, startedAt }: RunSummary): string[] {
  const settings = [plural(plan.workers, 'worker'), `timeout ${formatSetting(plan.timeoutMs)}`];
  if (plan.requests.length > 1)
    settings.push(
      `${formatCount(plan.requests.length)} requests in ${plan.order === 'sequence' ? 'sequence' : 'a weighted mix'}`,
    );
  if (plan.warmupMs > 0) settings.push(`warm-up ${formatSetting(plan.warmupMs)} left out`);
  if (!plan.keepAlive) settings.push('new connection per request');
  if (plan.pipelining > 1) settings.push(`pipelining ${plan.pipelining}`);
  if (plan.insecure) settings.push('certificates not verified');
  if (plan.onlyOk) settings.push('latency of ok requests only');
  if (plan.script !== null) settings.unshift(`script ${printable(plan.script)}`);
  if (plan.feed !== null) settings.push(`feed ${printable(plan.feed)}`);
  settings.push(`seed ${plan.seed}`, tool.runtime, `needletail ${tool.version}`);
  settings.push(`${startedAt.slice(0, 19).replace('T', ' ')} UTC`);
  return settings;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function endedEarly({ ended, durationMs }: RunSummary): string | null {
  switch (ended) {
    case 'complete':
      return null;
    case 'interrupted':
      return `interrupted after ${formatMs(durationMs)}: the figures cover what was run`;
    case 'aborted':
      return `ended early, after ${formatMs(durationMs)}: the verdict says why`;
    case 'unreachable':
      return durationMs > 0
        ? `given up after ${formatMs(durationMs)}: the target could not be reached`
        : 'not begun: the target could not be reached';
  }
}
