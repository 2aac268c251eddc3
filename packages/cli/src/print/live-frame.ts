import type { LiveSnapshot, SeriesPoint } from '@needletail/load/summary';
import { progressTrack, sparkline } from './bars.ts';
import { formatCount, formatMs, formatPercent, formatRate } from './figures.ts';
import { flow, labelWidth, padLabel } from './layout.ts';
import type { Page } from './page.ts';
import { padEnd, printable, truncate } from './text-width.ts';

/** Everything the panel shows at one moment. */
export interface LiveState {
  readonly target: string;
  readonly description: string;
  /** The latest look at the run; null until the first one. */
  readonly snapshot: LiveSnapshot | null;
  /** By the panel's own clock, so that the bar moves between two looks. */
  readonly elapsedMs: number;
  /** Oldest first, one a second. */
  readonly points: readonly SeriesPoint[];
  readonly ending: boolean;
  /** What the keys do now; null when there are none. */
  readonly keys: string | null;
}

const figureWidth = 12;
const mostFailures = 3;

/** One frame of the live panel, at most `height` lines, none wider than the page. */
export function renderLiveFrame(
  state: LiveState,
  page: Page & { readonly height: number },
): string {
  const { style, width } = page;
  const lines = [
    padLabel(style.heading('needletail')) +
      style.strong(truncate(printable(state.target), width - labelWidth)),
    padLabel('') + style.faint(truncate(printable(state.description), width - labelWidth)),
    progressLine(state, page),
    '',
    ...(state.snapshot === null
      ? [padLabel('') + style.faint('waiting for the first answers')]
      : runLines(state.snapshot, state.points, page)),
    '',
    style.faint(
      state.ending
        ? 'ending: waiting for the open requests (Ctrl-C again ends at once)'
        : truncate(state.keys ?? 'Ctrl-C ends the run and reports what happened', width),
    ),
  ];
  return lines.slice(0, Math.max(1, page.height)).join('\n');
}

function progressLine({ snapshot, elapsedMs }: LiveState, { style, width }: Page): string {
  const { fraction, left } = progress(snapshot, elapsedMs);
  const label = snapshot?.warmingUp ? 'warm-up' : formatSeconds(elapsedMs);
  if (fraction === null) return padLabel(label) + left;
  const tail = `  ${Math.floor(fraction * 100)}%  ${left}`;
  const [done, rest] = progressTrack(fraction, Math.max(4, width - labelWidth - tail.length));
  return padLabel(label) + style.chart(done) + style.faint(rest) + tail;
}

function progress(
  snapshot: LiveSnapshot | null,
  elapsedMs: number,
): { readonly fraction: number | null; readonly left: string } {
  const plannedMs = snapshot?.plannedMs ?? null;
  const plannedRequests = snapshot?.plannedRequests ?? null;
  if (snapshot !== null && plannedRequests !== null) {
    const { scheduled, inFlight } = snapshot.ledger;
    const fraction = plannedRequests === 0 ? 1 : (scheduled - inFlight) / plannedRequests;
    return { fraction: Math.min(1, fraction), left: `of ${formatCount(plannedRequests)} requests` };
  }
  if (plannedMs === null || plannedMs === 0) return { fraction: null, left: '' };
  const fraction = Math.min(1, elapsedMs / plannedMs);
  return { fraction, left: `${formatSeconds(Math.max(0, plannedMs - elapsedMs))} left` };
}

function formatSeconds(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : formatMs(seconds * 1000);
}

function runLines(snapshot: LiveSnapshot, points: readonly SeriesPoint[], page: Page): string[] {
  const latest = snapshot.point;
  const chartWidth = Math.max(8, Math.min(60, page.width - labelWidth - figureWidth));
  const row = (label: string, figure: string, read: (point: SeriesPoint) => number) =>
    padLabel(label) +
    padEnd(figure, figureWidth) +
    page.style.chart(sparkline(points.map(read), chartWidth));
  const latencies = latest.latencyMs;
  return [
    row('rate', `${formatRate(latest.requestsPerSecond)}/s`, (point) => point.requestsPerSecond),
    row('p50', formatMs(latencies.p50), (point) => point.latencyMs.p50),
    row('p95', formatMs(latencies.p95), (point) => point.latencyMs.p95),
    row('p99', formatMs(latencies.p99), (point) => point.latencyMs.p99),
    '',
    ...outcomeLines(snapshot, page),
    ...scriptLines(snapshot, page),
    ...healthLines(snapshot, page),
  ];
}

function outcomeLines(snapshot: LiveSnapshot, { style, width }: Page): string[] {
  const statuses = Object.entries(snapshot.status).map(([code, count]) => {
    const paint = Number(code) < 400 ? style.good : style.bad;
    return `${paint(code)} ${formatCount(count)}`;
  });
  const failures = [...snapshot.failures]
    .sort((a, b) => b.count - a.count)
    .slice(0, mostFailures)
    .map((failure) => {
      const text = `${formatCount(failure.count)} ${failure.kind}: ${printable(failure.message)}`;
      return style.bad(truncate(text, width - labelWidth));
    });
  return [
    padLabel('status') + (flow(statuses, width - labelWidth, ' · ')[0] ?? style.faint('none yet')),
    ...failures.map((failure, index) => padLabel(index === 0 ? 'failures' : '') + failure),
  ];
}

/** Iterations and checks, where users are scripts. */
function scriptLines({ scripts }: LiveSnapshot, { style, width }: Page): string[] {
  if (scripts === null) return [];
  const { iterations, iterationsPerSecond, checks } = scripts;
  const failedOf = (failed: number, text: string): string => (failed > 0 ? style.bad(text) : text);
  const pieces = [
    `${formatRate(iterationsPerSecond)}/s`,
    `${formatCount(iterations.ok)} ok`,
    failedOf(iterations.failed, `${formatCount(iterations.failed)} failed`),
    ...(iterations.dropped > 0 ? [style.bad(`${formatCount(iterations.dropped)} dropped`)] : []),
    `${formatCount(iterations.inFlight)} in flight`,
  ];
  const outcomes = [
    `${formatCount(checks.passed)} passed`,
    failedOf(checks.failed, `${formatCount(checks.failed)} failed`),
  ];
  const lines = (label: string, parts: readonly string[]): string[] =>
    flow(parts, width - labelWidth, ' · ').map(
      (line, index) => padLabel(index === 0 ? label : '') + line,
    );
  return [
    ...lines('iterations', pieces),
    ...(checks.passed + checks.failed > 0 ? lines('checks', outcomes) : []),
  ];
}

function healthLines({ ledger, generator, openConnections }: LiveSnapshot, page: Page): string[] {
  const space = page.width - labelWidth;
  const counts = [
    `${formatCount(ledger.scheduled)} scheduled`,
    `${formatCount(ledger.ok)} ok`,
    `${formatCount(ledger.failed)} failed`,
    `${formatCount(ledger.timedOut)} timed out`,
    `${formatCount(ledger.dropped)} dropped`,
    `${formatCount(ledger.inFlight)} in flight`,
  ];
  const health = [
    `${formatCount(openConnections)} connections`,
    ...(generator.cpu === null ? [] : [`CPU ${Math.round(generator.cpu * 100)}%`]),
    `lateness p99 ${formatMs(generator.latenessP99Ms)}`,
    ...(generator.starvedPercent === null
      ? []
      : [`starved ${formatPercent(generator.starvedPercent)}`]),
  ];
  return [
    ...flow(counts, space, ' · ').map(
      (line, index) => padLabel(index === 0 ? 'ledger' : '') + line,
    ),
    ...flow(health, space, ' · ').map(
      (line, index) => padLabel(index === 0 ? 'generator' : '') + line,
    ),
  ];
}
