import type { Histogram } from '@needletail/stats';
import type { RunSummary } from '../collect/run-summary.ts';
import { rateCurveOf } from '../pace/rate-curve.ts';
import { userCurveOf } from '../pace/user-curve.ts';
import { PlanError } from '../plan/errors.ts';
import type { LoadSpec, Plan } from '../plan/plan.ts';
import type { RunOptions } from '../run-load.ts';
import type { LevelRunner } from './level.ts';

/** `runLoad`, or a fake. */
export type RunPlan = (
  plan: Plan,
  options?: RunOptions,
) => Promise<{
  readonly summary: RunSummary;
  readonly latency: Histogram;
  readonly serviceTime: Histogram;
}>;

/** A runner that sends a plan's requests, or starts a script's iterations, at whatever load a search asks for. */
export function createPlanRunner(
  plan: Plan,
  thresholds: readonly string[],
  runPlan: RunPlan,
): LevelRunner {
  refuseManyLoads(plan);
  return {
    now: () => performance.now(),
    async run(load, { warmupMs, signal, onSnapshot }) {
      const { summary } = await runPlan(planAtLoad(plan, load, warmupMs, thresholds), {
        signal,
        onSnapshot: (snapshot) => {
          if (!snapshot.warmingUp && snapshot.point.t > 0) onSnapshot(snapshot);
        },
      });
      return summary;
    },
    pause: (durationMs, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, durationMs);
        signal.addEventListener('abort', end);
        if (signal.aborted) end();
      }),
  };
}

/** The same plan with another load in the place of its own. */
function planAtLoad(
  plan: Plan,
  load: LoadSpec,
  warmupMs: number,
  thresholds: readonly string[],
): Plan {
  const isOpen = 'arrivals' in load;
  const wasOpen = 'arrivals' in plan.load;
  const shaped = isOpen && wasOpen ? { ...load, arrivals: plan.load.arrivals } : load;
  // A cap on connections was given for a rate, users are connections of their own.
  const most = isOpen
    ? wasOpen
      ? plan.connections
      : MOST_CONNECTIONS
    : userCurveOf(load).peakUsers;
  const workers = Math.min(plan.workers, most);
  const changed: Plan = {
    ...plan,
    load: shaped,
    maxRequests: null,
    maxIterations: null,
    connections: most,
    preopen: isOpen ? Math.min(most, wasOpen ? plan.preopen : PREOPENED, expectedOf(shaped)) : most,
    thinkMs: isOpen ? 0 : plan.thinkMs,
    workers,
    warmupMs,
    thresholds,
  };
  if (plan.script === null) return changed;
  const [stream] = plan.script.streams;
  const maxUsers = isOpen && wasOpen ? stream!.maxUsers : most;
  return {
    ...changed,
    connections: maxUsers,
    script: {
      ...plan.script,
      streams: [{ ...stream!, load: shaped, maxIterations: null, maxUsers }],
    },
  };
}

const MOST_CONNECTIONS = 1000;
const PREOPENED = 50;

/** No more connections are opened ahead than there will be requests. */
function expectedOf(load: LoadSpec): number {
  return 'arrivals' in load ? Math.max(1, Math.ceil(rateCurveOf(load).expected)) : 1;
}

function refuseManyLoads({ script }: Plan): void {
  if (script === null || script.streams.length === 1) return;
  throw new PlanError({
    code: 'PLAN_LOAD',
    problem: 'Not searchable',
    cause: 'its scenarios have loads of their own, and a search changes one',
    where: script.file,
    remedy: 'Give the scenarios weights, and no loads.',
  });
}
