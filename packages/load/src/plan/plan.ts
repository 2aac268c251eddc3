import type { WatchTarget } from '../monitor/target-monitor.ts';
import type { FeedRows } from '../source/feed.ts';
import type { ScriptPlan } from './script-plan.ts';

/** Statuses that count as a success, both ends included: `from <= status <= to`. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** One request of a plan, before rendering; strings may hold `{{slots}}`. */
export interface RequestSpec {
  /** Shown in reports and named in thresholds, `GET /cart` unless given. */
  readonly name: string;
  /** Token, upper or lower case as the user wrote it. */
  readonly method: string;
  /** Absolute http or https URL, credentials already taken out of it. */
  readonly url: string;
  /** In the order given; names may repeat. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Text (sent as UTF-8) or bytes; null sends none. */
  readonly body: string | Uint8Array | null;
  /** Share of the traffic relative to the other requests; all 1 unless the plan gives weights. */
  readonly weight: number;
}

/**
 * The shape of load. `users` kinds are the closed model (a user waits for its answer), `rate` kinds the open model
 * (requests are due whether or not the target keeps up). `limit` ends either early after that many requests.
 */
export type LoadSpec =
  | {
      readonly kind: 'constant';
      readonly users: number;
      readonly durationMs: number | null;
    }
  | {
      readonly kind: 'gradual';
      readonly users: number;
      readonly rampUpMs: number;
      readonly durationMs: number | null;
    }
  | {
      /** A ramp from nothing, then `spikeUsers` more for a while, centred in what is left of the run. */
      readonly kind: 'spike';
      readonly users: number;
      readonly rampUpMs: number;
      readonly durationMs: number;
      readonly spikeUsers: number;
      readonly spikeDurationMs: number;
    }
  | {
      readonly kind: 'stages';
      readonly startUsers: number;
      readonly stages: readonly { readonly durationMs: number; readonly users: number }[];
    }
  | {
      readonly kind: 'rate';
      readonly rate: number;
      readonly durationMs: number | null;
      readonly arrivals: 'even' | 'poisson';
    }
  | {
      readonly kind: 'rate-stages';
      readonly startRate: number;
      readonly stages: readonly { readonly durationMs: number; readonly rate: number }[];
      readonly arrivals: 'even' | 'poisson';
    };

/** Loads in the open model: requests are due by a schedule. */
export type OpenLoad = Extract<LoadSpec, { readonly arrivals: unknown }>;

/** Loads in the closed model: users wait for their answers. */
export type ClosedLoad = Exclude<LoadSpec, OpenLoad>;

export interface TlsPlan {
  /** True accepts any certificate; the report says so. */
  readonly insecure: boolean;
  /** Name for SNI and verification when it is not the URL's host. */
  readonly servername: string | null;
  /** PEM text of the roots to trust in place of the runtime's; null for those. */
  readonly ca: string | null;
}

/** A load test, parsed, checked and frozen: what is run and what the report says was run. Plain data throughout. */
export interface Plan {
  readonly name: string | null;
  /** The address given by the user, for headings; credentials removed. */
  readonly target: string;
  readonly requests: readonly RequestSpec[];
  /** `sequence`: each user goes through the requests in order; `weighted`: each request is drawn by weight. */
  readonly order: 'sequence' | 'weighted';
  readonly load: LoadSpec;
  /** Ends the run after this many requests (`-n`), or after `maxIterations` passes through the list (`-i`). */
  readonly maxRequests: number | null;
  readonly maxIterations: number | null;
  /** Open model: the most connections at a time. Closed model: equals the users. */
  readonly connections: number;
  /** Connections opened before the clock starts (open model); those beyond are opened when needed. */
  readonly preopen: number;
  readonly workers: number;
  readonly timeoutMs: number;
  /** Excluded from every figure; 0 unless asked for. */
  readonly warmupMs: number;
  /** Pause of a user between answer and next request. */
  readonly thinkMs: number;
  readonly keepAlive: boolean;
  /** Requests in flight on one connection, 1 unless asked for. */
  readonly pipelining: number;
  readonly tls: TlsPlan;
  readonly success: readonly StatusRange[];
  /** Leaves failures, timeouts and drops out of the latency distribution. */
  readonly onlyOk: boolean;
  /** Threshold expressions as written, the default error rate included. */
  readonly thresholds: readonly string[];
  /** Apdex T: satisfied below it, tolerating below four times it. */
  readonly apdexMs: number;
  readonly seed: number;
  readonly feed: FeedRows | null;
  /** Figures of the target that are read beside the run. */
  readonly watch: readonly WatchTarget[];
  /** Users that are scripts: then `requests` is empty, and `load` is that of the first stream. */
  readonly script: ScriptPlan | null;
}
