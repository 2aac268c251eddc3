import type { TargetMetrics } from '../collect/run-summary.ts';
import { BUSIEST_THREAD, CPU, LOOP_UTILIZATION } from './target-monitor.ts';

/** A thread that worked for this share of the time had nothing left to give. */
const PEGGED_PERCENT = 90;
/** A target that worked for less than this on any one core was waiting for something else. */
const IDLE_PERCENT = 50;
/** Latency that grew by this much over what it was at the start is a queue. */
const GROWN = 2;

/** What of a run tells where its limit was. */
export interface BottleneckFacts {
  /** What the generator's side alone tells. */
  readonly bottleneck: 'none' | 'target' | 'generator' | 'network';
  /** Median latency second by second; empty seconds left out. */
  readonly latencyP50Ms: readonly number[];
  /** Requests waited for free connections, or users for answers: the target was pressed. */
  readonly isPressed: boolean;
  /** Processors of the machine, when the target is a process on it; null when it is not known. */
  readonly cores: number | null;
}

/** Where the limit was, with the target's own figures, and a sentence for people that gives them. */
export interface Bottleneck {
  readonly kind: 'generator' | 'network' | 'target CPU' | 'target queueing' | 'none';
  /** The same among the four values of a verdict. */
  readonly bottleneck: BottleneckFacts['bottleneck'];
  /** Null when there is nothing to add. */
  readonly reason: string | null;
}

/** Joins what the generator saw of the target with what the target told of itself. */
export function bottleneckFrom(facts: BottleneckFacts, target: TargetMetrics | null): Bottleneck {
  const { bottleneck } = facts;
  if (bottleneck === 'generator' || bottleneck === 'network') {
    return { kind: bottleneck, bottleneck, reason: null };
  }
  const busiest = busiestFigure(target);
  if (busiest === null) {
    return { kind: bottleneck === 'target' ? 'target queueing' : 'none', bottleneck, reason: null };
  }
  const pegged = peggedReason(busiest, target, facts.cores);
  if (pegged !== null) return { kind: 'target CPU', bottleneck: 'target', reason: pegged };
  const grown = growthOf(facts.latencyP50Ms);
  const isQueueing = grown >= GROWN || (bottleneck === 'target' && facts.isPressed);
  if (isQueueing && busiest.percent < IDLE_PERCENT) {
    const how =
      grown >= GROWN
        ? `its median latency grew ${grown.toFixed(1)} times`
        : 'requests waited for its answers';
    return {
      kind: 'target queueing',
      bottleneck: 'target',
      reason:
        `The target waited for something else: ${how} while ${busiest.what} used ${percent(busiest.percent)}` +
        ` of one core. Look at its database, locks, pools and the services it calls.`,
    };
  }
  return { kind: bottleneck === 'target' ? 'target queueing' : 'none', bottleneck, reason: null };
}

interface BusyFigure {
  readonly what: string;
  readonly percent: number;
}

/** What was busiest on one core: the event loop, a thread, or, when only that is known, the process as a whole. */
function busiestFigure(target: TargetMetrics | null): BusyFigure | null {
  const loop = meanOf(target, LOOP_UTILIZATION);
  const thread = meanOf(target, BUSIEST_THREAD);
  const cpu = meanOf(target, CPU);
  if (loop === null && thread === null && cpu === null) return null;
  if (loop !== null && loop >= (thread ?? 0))
    return { what: "the target's event loop", percent: loop };
  if (thread !== null) return { what: "the target's busiest thread", percent: thread };
  return { what: "the target's process", percent: cpu! };
}

function peggedReason(
  busiest: BusyFigure,
  target: TargetMetrics | null,
  cores: number | null,
): string | null {
  const cpu = meanOf(target, CPU);
  if (cpu !== null && cores !== null && cores > 1 && cpu >= PEGGED_PERCENT * cores) {
    return (
      `The target was out of processor: its process used ${percent(cpu)} of one core, and the machine has ${cores} cores. ` +
      'Give it more cores, or make a request cheaper.'
    );
  }
  if (busiest.percent < PEGGED_PERCENT) return null;
  return (
    `The target was out of processor: ${busiest.what} used ${percent(busiest.percent)} of one core. ` +
    'Let it use more cores, or make a request cheaper.'
  );
}

/** The mean over the run; the first point is of before the load had settled and is left out when there are others. */
function meanOf(target: TargetMetrics | null, name: string): number | null {
  const means = (target?.series ?? [])
    .filter((series) => series.name === name && series.points.length > 0)
    .map(({ points }) => {
      const settled = points.length > 2 ? points.slice(1) : points;
      return settled.reduce((sum, { value }) => sum + value, 0) / settled.length;
    });
  return means.length === 0 ? null : Math.max(...means);
}

/** How many times larger the last third of the run was than its first; 1 when it is too short to tell. */
function growthOf(latencies: readonly number[]): number {
  const known = latencies.filter((latency) => latency > 0);
  const third = Math.floor(known.length / 3);
  if (third === 0) return 1;
  const median = (values: readonly number[]): number =>
    values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)]!;
  return median(known.slice(-third)) / median(known.slice(0, third));
}

function percent(value: number): string {
  return `${Math.round(value)}%`;
}
