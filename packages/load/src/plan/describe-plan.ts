import type { PlanSummary, StreamSummary } from '../collect/run-summary.ts';
import { createPacer } from '../pace/pacer.ts';
import { rateCurveOf } from '../pace/rate-curve.ts';
import { formatCount } from './count.ts';
import { formatDuration } from './duration.ts';
import type { LoadSpec, OpenLoad, Plan } from './plan.ts';
import type { ScenarioPlan, ScriptPlan, StreamPlan } from './script-plan.ts';

/** Open: requests are due by a schedule. Closed: users wait for their answers. */
export function modelOf(
  plan: Pick<Plan, 'load'> & Partial<Pick<Plan, 'script'>>,
): 'open' | 'closed' {
  const loads = plan.script?.streams.map(({ load }) => load) ?? [plan.load];
  return loads.some(isOpen) ? 'open' : 'closed';
}

/** The loads of a plan, each as a plan of its own would have it: one, or one for each stream of a script. */
export function loadsOf(
  plan: Pick<Plan, 'load' | 'maxRequests' | 'seed'> &
    Partial<Pick<Plan, 'maxIterations' | 'script'>>,
): readonly Pick<Plan, 'load' | 'maxRequests' | 'maxIterations' | 'seed'>[] {
  const { load, maxRequests, maxIterations = null, seed, script } = plan;
  if (script === null || script === undefined) return [{ load, maxRequests, maxIterations, seed }];
  return script.streams.map((stream) => ({
    load: stream.load,
    // What an open schedule of requests counts, one of iterations counts too.
    maxRequests: isOpen(stream.load) ? stream.maxIterations : null,
    maxIterations: isOpen(stream.load) ? null : stream.maxIterations,
    seed,
  }));
}

/** How long requests will be begun, warm-up left out; null when that depends on how fast the target answers. */
export function plannedDurationMs(
  plan: Pick<Plan, 'load' | 'maxRequests' | 'maxIterations' | 'seed'> &
    Partial<Pick<Plan, 'script'>>,
): number | null {
  const plannedMs = loadsOf(plan).map(durationOfMs);
  return plannedMs.some((ms) => ms === null) ? null : Math.max(...plannedMs.map((ms) => ms ?? 0));
}

function durationOfMs(
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
  if (plan.script !== null) return describeScript(plan, plan.script);
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

/** `20 users for 30s`, `3 scenarios: browse 20 users for 30s; buy 5 iterations/s for 30s, at most 100 users`. */
function describeScript({ warmupMs, seed }: Plan, script: ScriptPlan): string {
  const { streams, scenarios } = script;
  const described = streams.map((stream) => {
    const shape = describeStream(stream, seed);
    if (scenarios.length === 1) return shape;
    const names = stream.scenarios.map((index) => nameInStream(scenarios[index]!, stream));
    return `${names.join(' + ')} ${shape}`;
  });
  const several = scenarios.length === 1 ? '' : `${counted(scenarios.length, 'scenario')}: `;
  const warmUp = warmupMs > 0 ? `, after ${formatDuration(warmupMs)} of warm-up` : '';
  return several + described.join('; ') + warmUp;
}

function nameInStream({ name, weight }: ScenarioPlan, { scenarios }: StreamPlan): string {
  return scenarios.length === 1 ? name : `${name} (${formatCount(weight)})`;
}

function describeStream(
  { load, maxIterations, maxUsers, thinkMs }: StreamPlan,
  seed: number,
): string {
  const parts = [shapeOf(load, 'iterations')];
  if (maxIterations !== null) {
    const isBounded = createPacer({ load, maxRequests: null, seed }).endMs !== Infinity;
    parts.push(`${isBounded ? 'at most ' : ''}${counted(maxIterations, 'iteration')}`);
  }
  if (isOpen(load)) parts.push(`at most ${counted(maxUsers, 'user')}`);
  if (thinkMs > 0) parts.push(`thinking ${formatDuration(thinkMs)}`);
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
    streams: plan.script === null ? [] : summarizeStreams(plan.script),
  };
}

function summarizeStreams({ streams, scenarios }: ScriptPlan): readonly StreamSummary[] {
  return streams.map((stream) => ({
    scenarios: stream.scenarios.map((index) => {
      const { name, weight } = scenarios[index]!;
      return { name, weight };
    }),
    load: stream.load,
    maxIterations: stream.maxIterations,
    maxUsers: stream.maxUsers,
    thinkMs: stream.thinkMs,
  }));
}

function shapeOf(load: LoadSpec, what: 'requests' | 'iterations' = 'requests'): string {
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
      return `${formatCount(load.rate)} ${what}/s${lasting(load.durationMs)}${arriving(load)}`;
    case 'rate-stages': {
      const levels = load.stages.map(({ rate, durationMs }) => ({ level: rate, durationMs }));
      return `${what}/s ${journey(load.startRate, levels)}${arriving(load)}`;
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
