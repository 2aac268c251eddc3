import type { LiveSnapshot, RunSummary } from '../collect/run-summary.ts';
import type { LoadSpec } from '../plan/plan.ts';

/** A height of load: users who wait for their answers, or requests (with a script: iterations) due per second. */
export interface Level {
  readonly kind: 'users' | 'rate';
  readonly amount: number;
}

/** What a search reads of the run of a level; a `RunSummary` has it all. */
export type LevelFigures = Pick<
  RunSummary,
  | 'ended'
  | 'durationMs'
  | 'ledger'
  | 'throughput'
  | 'latencyMs'
  | 'series'
  | 'thresholds'
  | 'iterations'
  | 'verdict'
>;

export interface LevelRunOptions {
  /** Left out of the figures. */
  readonly warmupMs: number;
  /** Ends the level early; it still gives its figures. */
  readonly signal: AbortSignal;
  /** Called about once a second. */
  readonly onSnapshot: (snapshot: Pick<LiveSnapshot, 'elapsedMs' | 'point'>) => void;
}

/** What a search loads: a target over the network, or a simulated one whose time is its own. */
export interface LevelRunner {
  /** Runs one load on fresh connections and judges it by the objectives the runner was made for. */
  run(load: LoadSpec, options: LevelRunOptions): Promise<LevelFigures>;
  /** Leaves the target alone; returns early when the signal aborts. */
  pause(durationMs: number, signal: AbortSignal): Promise<void>;
  /** Milliseconds from any moment before the search. */
  now(): number;
}

/** The load that holds a level for a while. */
export function steadyLoad(level: Level, durationMs: number): LoadSpec {
  return level.kind === 'users'
    ? { kind: 'constant', users: level.amount, durationMs }
    : { kind: 'rate', rate: level.amount, durationMs, arrivals: 'even' };
}

/** The load that holds one level and then falls, at once, to another. */
export function fallingLoad(
  from: Level,
  fromMs: number,
  to: Pick<Level, 'amount'>,
  toMs: number,
): LoadSpec {
  const steps = [
    { durationMs: fromMs, amount: from.amount },
    { durationMs: 0, amount: to.amount },
    { durationMs: toMs, amount: to.amount },
  ];
  return from.kind === 'users'
    ? {
        kind: 'stages',
        startUsers: from.amount,
        stages: steps.map(({ durationMs, amount }) => ({ durationMs, users: amount })),
      }
    : {
        kind: 'rate-stages',
        startRate: from.amount,
        stages: steps.map(({ durationMs, amount }) => ({ durationMs, rate: amount })),
        arrivals: 'even',
      };
}
