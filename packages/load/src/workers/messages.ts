import type { FailureCount } from '../collect/run-summary.ts';
import type { RawScriptError } from '../collect/script-errors.ts';
import type { ScriptNameBuffers } from '../collect/script-names.ts';
import type { SteeringStep } from '../pace/steering.ts';
import type { TracedExchange } from '../trace/traced-exchange.ts';
import type { TracedMessage } from '../trace/traced-message.ts';
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
  /** The floor of the run is what this worker measures, before any of them sends to the target. */
  readonly measuresFloor: boolean;
  /** Null unless users are scripts. */
  readonly script: ScriptStart | null;
}

/** The same for one in a thread of its own. */
export interface ThreadStart extends WorkerStart {
  /** For `tellThread`. */
  readonly threadPlace: SharedArrayBuffer;
}

/** What a worker that runs scripts counts in besides; all but the tally is the same for all workers. */
export interface ScriptStart {
  readonly tally: SharedArrayBuffer;
  readonly names: ScriptNameBuffers;
  /** For each stream. */
  readonly tickets: readonly SharedArrayBuffer[];
}

/** Why a scenario could not be begun with; the stack is as its thread saw it. */
export interface ScriptFault {
  readonly stage: 'load' | 'setup' | 'shared' | 'teardown';
  readonly message: string;
  readonly stack: string;
}

/** Median and 99th percentile of the generator against a target that does nothing, in milliseconds. */
export interface Floor {
  readonly p50: number;
  readonly p99: number;
}

export type ToWorker =
  /** Runs `setup`, in one worker. */
  | { readonly type: 'set-up' }
  /** `shared` is what `setup` gave. */
  | { readonly type: 'prepare'; readonly shared: unknown }
  /** Milliseconds since the Unix epoch, with a fraction: clocks of threads have different zeros. */
  | { readonly type: 'go'; readonly startAtEpochMs: number }
  /** What the user asks for while the run is under way. */
  | { readonly type: 'control'; readonly step: SteeringStep }
  | { readonly type: 'stop' }
  /** Runs `teardown`, in the worker that ran `setup`. */
  | { readonly type: 'tear-down'; readonly shared: unknown };

export type FromWorker =
  | { readonly type: 'loaded'; readonly floor: Floor | null }
  | { readonly type: 'ready' }
  | { readonly type: 'failures'; readonly failures: readonly FailureCount[] }
  | { readonly type: 'done' }
  | { readonly type: 'was-set-up'; readonly shared: unknown }
  | { readonly type: 'torn-down'; readonly fault: ScriptFault | null }
  /** The scenario cannot be begun with. */
  | { readonly type: 'script-fault'; readonly fault: ScriptFault }
  | { readonly type: 'script-errors'; readonly errors: readonly RawScriptError[] }
  /** A scenario ends the run. */
  | { readonly type: 'stop-asked'; readonly reason: string | null }
  /** One exchange of a scenario, when it is traced. */
  | { readonly type: 'exchange'; readonly exchange: TracedExchange }
  /** One message of a WebSocket or event of a stream, the same. */
  | { readonly type: 'message'; readonly message: TracedMessage }
  /** What the heap held at the end beyond what it held early in the run; null when it did not grow. */
  | { readonly type: 'heap'; readonly growthBytes: number | null }
  /** Something of ours broke, not the scenario. */
  | { readonly type: 'broken'; readonly message: string; readonly stack: string };
