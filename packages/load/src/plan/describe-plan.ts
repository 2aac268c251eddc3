import type { PlanSummary } from '../collect/run-summary.ts';
import { createPacer } from '../pace/pacer.ts';
import { rateCurveOf } from '../pace/rate-curve.ts';
import { formatCount } from './count.ts';
import { formatDuration } from './duration.ts';
import type { LoadSpec, OpenLoad, Plan } from './plan.ts';

/** Open: requests are due by a schedule. Closed: users wait for their answers. */
export function modelOf(plan: Pick<Plan, 'load'>): 'open' | 'closed' {
  return isOpen(plan.load) ? 'open' : 'closed';
}

/** How long requests will be begun, warm-up left out; null when that depends on how fast the target answers. */
export function plannedDurationMs(
  plan: Pick<Plan, 'load' | 'maxRequests' | 'maxIterations' | 'seed'>,
): number | null {
  const { load, maxRequests, maxIterations } = plan;
  const { endMs } = createPacer(plan);
  if (isOpen(load)) {
    const curve = rateCurveOf(load);
    return Math.min(endMs, maxRequests === null ? Infinity : curve.timeOfMs(maxRequests));
  }
  return maxRequests !== null || maxIterations !== null || endMs === Infinity ? null : endMs;
}

/** One line for people: `50 users for 10s`, `2,000 requests/s for 30s (poisson), at most 1,000 connections`. */
export function describePlan(plan: Plan): string {
  const { maxRequests, maxIterations, warmupMs, thinkMs, load } = plan;
  const parts = [shapeOf(load)];
  const isBounded = createPacer(plan).endMs !== Infinity;
  const limit = (count: number, what: string): string =>
    `${isBounded ? 'at most ' : ''}${counted(count, what)}`;
  if (maxRequests !== null) parts.push(limit(maxRequests, 'request'));
  if (maxIterations !== null) parts.push(limit(maxIterations, 'iteration'));
  if (isOpen(load)) parts.push(`at most ${counted(plan.connections, 'connection')}`);
  if (thinkMs > 0) parts.push(`thinking ${formatDuration(thinkMs)}`);
  if (warmupMs > 0) parts.push(`after ${formatDuration(warmupMs)} of warm-up`);
  return parts.join(', ');
}

/** The plan as the report shows it: no bodies, no headers, the feed by its name. */
export function summarizePlan(plan: Plan): PlanSummary {
  return {
    name: plan.name,
    target: plan.target,
    model: modelOf(plan),
    description: describePlan(plan),
    load: plan.load,
    requests: plan.requests.map(({ name, method, url, weight }) => ({ name, method, url, weight })),
    order: plan.order,
    maxRequests: plan.maxRequests,
    maxIterations: plan.maxIterations,
    connections: plan.connections,
    workers: plan.workers,
    timeoutMs: plan.timeoutMs,
    warmupMs: plan.warmupMs,
    thinkMs: plan.thinkMs,
    keepAlive: plan.keepAlive,
    pipelining: plan.pipelining,
    insecure: plan.tls.insecure,
    onlyOk: plan.onlyOk,
    seed: plan.seed,
    feed: plan.feed?.file ?? null,
    script: plan.script?.file ?? null,
  };
}

function shapeOf(load: LoadSpec): string {
  switch (load.kind) {
    case 'constant':
      return counted(load.users, 'user') + lasting(load.durationMs);
    case 'gradual':
      return `${counted(load.users, 'user')}${lasting(load.durationMs)}, ramping up over ${formatDuration(load.rampUpMs)}`;
    case 'spike':
      return (
        `${counted(load.users, 'user')}${lasting(load.durationMs)}, ` +
        `${formatCount(load.spikeUsers)} more for ${formatDuration(load.spikeDurationMs)}`
      );
    case 'stages': {
      const levels = load.stages.map(({ users, durationMs }) => ({ level: users, durationMs }));
      return `users ${journey(load.startUsers, levels)}`;
    }
    case 'rate':
      return `${formatCount(load.rate)} requests/s${lasting(load.durationMs)}${arriving(load)}`;
    case 'rate-stages': {
      const levels = load.stages.map(({ rate, durationMs }) => ({ level: rate, durationMs }));
      return `requests/s ${journey(load.startRate, levels)}${arriving(load)}`;
    }
  }
}

/** `1 to 50 in 30s, to 0 in 10s`, shortened in the middle when there are many. */
function journey(
  start: number,
  stages: readonly { readonly level: number; readonly durationMs: number }[],
): string {
  const steps = stages.map(
    ({ level, durationMs }) => `to ${formatCount(level)} in ${formatDuration(durationMs)}`,
  );
  const shown =
    steps.length <= 5
      ? steps
      : [...steps.slice(0, 3), `${steps.length - 4} more`, steps[steps.length - 1]];
  return `${formatCount(start)} ${shown.join(', ')}`;
}

function lasting(durationMs: number | null): string {
  return durationMs === null ? '' : ` for ${formatDuration(durationMs)}`;
}

function arriving(load: OpenLoad): string {
  return load.arrivals === 'poisson' ? ' (poisson)' : '';
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
}

function isOpen(load: LoadSpec): load is OpenLoad {
  return load.kind === 'rate' || load.kind === 'rate-stages';
}
