import type { FailureCount } from '../collect/run-summary.ts';
import type { SteeringStep } from '../pace/steering.ts';
import type { Plan } from '../plan/plan.ts';

/** What a worker is started with. */
export interface WorkerStart {
  readonly plan: Plan;
  readonly worker: number;
  readonly workers: number;
  /** Addresses of the target, resolved once for all workers. */
  readonly addresses: readonly string[];
  readonly tally: SharedArrayBuffer;
  readonly tickets: SharedArrayBuffer;
  /** One worker measures the floor, before any of them sends to the target. */
  readonly measuresFloor: boolean;
}

/** Median and 99th percentile of the generator against a target that does nothing, in milliseconds. */
export interface Floor {
  readonly p50: number;
  readonly p99: number;
}

export type ToWorker =
  | { readonly type: 'prepare' }
  /** Milliseconds since the Unix epoch, with a fraction: clocks of threads have different zeros. */
  | { readonly type: 'go'; readonly startAtEpochMs: number }
  /** What the user asks for while the run is under way. */
  | { readonly type: 'control'; readonly step: SteeringStep }
  | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'loaded'; readonly floor: Floor | null }
  | { readonly type: 'ready' }
  | { readonly type: 'failures'; readonly failures: readonly FailureCount[] }
  | { readonly type: 'done' };
