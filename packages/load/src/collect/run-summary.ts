/** Result of a run, schema `needletail.run/1`. Times in milliseconds, rates per second, sizes in bytes; plain JSON. */
export interface RunSummary {
  readonly schema: 'needletail.run/1';
  readonly tool: { readonly version: string; readonly runtime: string };
  readonly plan: PlanSummary;
  /** ISO 8601, when the first request was due. */
  readonly startedAt: string;
  /** From the start to the last answer, warm-up excluded; pauses that were asked for while it ran are in it. */
  readonly durationMs: number;
  /** Set when the run was ended early, and by what. */
  readonly ended: 'complete' | 'interrupted' | 'aborted' | 'unreachable';
  readonly ledger: Ledger;
  readonly failures: readonly FailureCount[];
  readonly status: Readonly<Record<string, number>>;
  readonly throughput: {
    readonly requestsPerSecond: number;
    readonly receivedBytesPerSecond: number;
    readonly sentBytesPerSecond: number;
  };
  /** From when a request was due. */
  readonly latencyMs: Distribution;
  /** From when it was sent. */
  readonly serviceTimeMs: Distribution;
  /** From due to sent. */
  readonly scheduleLagMs: Distribution;
  readonly phasesMs: {
    readonly connect: Distribution;
    readonly tls: Distribution;
    readonly firstByte: Distribution;
  };
  /** Counts of latencies for a small picture: ascending, the last bin ends at the maximum. */
  readonly histogram: readonly HistogramBin[];
  readonly apdex: { readonly thresholdMs: number; readonly score: number };
  readonly endpoints: readonly EndpointSummary[];
  /** One entry a second. */
  readonly series: readonly SeriesPoint[];
  readonly checks: readonly {
    readonly name: string;
    readonly passed: number;
    readonly failed: number;
  }[];
  /** Null unless users are scripts. */
  readonly iterations: IterationsSummary | null;
  /** Counters and timings that scripts keep, in the order of their first use. */
  readonly counters: readonly {
    readonly name: string;
    readonly total: number;
    readonly perSecond: number;
  }[];
  /** Groups, and times that scripts record. */
  readonly timings: readonly { readonly name: string; readonly timeMs: Distribution }[];
  /** What scripts threw, most frequent first. */
  readonly scriptErrors: readonly ScriptError[];
  readonly thresholds: readonly ThresholdResult[];
  /** What was changed while the run was under way, in order. */
  readonly control: readonly ControlEvent[];
  /** The target's own figures beside the run's; null unless it was watched. */
  readonly target: TargetMetrics | null;
  readonly generator: GeneratorSummary;
  readonly verdict: Verdict;
}

/** The plan as run, with bodies shortened and the feed named, never inlined; header values of credentials are masked. */
export interface PlanSummary {
  readonly name: string | null;
  readonly target: string;
  readonly model: 'open' | 'closed';
  /** One line for people: `50 users for 10s`, `2000 requests/s for 30s, poisson`. */
  readonly description: string;
  readonly load: unknown;
  readonly requests: readonly {
    readonly name: string;
    readonly method: string;
    readonly url: string;
    readonly weight: number;
  }[];
  readonly order: 'sequence' | 'weighted';
  readonly maxRequests: number | null;
  readonly maxIterations: number | null;
  readonly connections: number;
  readonly workers: number;
  readonly timeoutMs: number;
  readonly warmupMs: number;
  readonly thinkMs: number;
  readonly keepAlive: boolean;
  readonly pipelining: number;
  readonly insecure: boolean;
  readonly onlyOk: boolean;
  readonly seed: number;
  readonly feed: string | null;
  /** The scenario file; null for plans without code. */
  readonly script: string | null;
  /** The loads of a script side by side, of which `load` is the first; none for plans without code. */
  readonly streams: readonly StreamSummary[];
}

/** A load, and the scenarios that share its iterations by weight. */
export interface StreamSummary {
  readonly scenarios: readonly { readonly name: string; readonly weight: number }[];
  readonly load: unknown;
  readonly maxIterations: number | null;
  readonly maxUsers: number;
  readonly thinkMs: number;
}

/** `scheduled = ok + failed + timedOut + dropped + inFlight`, always. */
export interface Ledger {
  readonly scheduled: number;
  readonly ok: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly dropped: number;
  readonly inFlight: number;
}

export type FailureKind =
  | 'status'
  | 'connect'
  | 'reset'
  | 'truncated'
  | 'protocol'
  | 'timeout'
  | 'check'
  | 'script';

export interface FailureCount {
  readonly kind: FailureKind;
  readonly message: string;
  readonly count: number;
}

/** `scheduled = ok + failed + dropped + inFlight`, always. */
export interface IterationLedger {
  readonly scheduled: number;
  readonly ok: number;
  /** Threw, called `fail()`, or failed a check of something that is no response. */
  readonly failed: number;
  /** Was due, never begun. */
  readonly dropped: number;
  readonly inFlight: number;
}

export interface IterationsSummary extends IterationLedger {
  /** From when an iteration was due to its end, pauses included. */
  readonly durationMs: Distribution;
  readonly scenarios: readonly (IterationLedger & {
    readonly name: string;
    readonly durationMs: Distribution;
  })[];
}

/** One kind of error thrown by a script. */
export interface ScriptError {
  readonly scenario: string;
  readonly message: string;
  /** `at checkout (load.ts:12:9)` lines of the user's own files. */
  readonly stack: readonly string[];
  readonly count: number;
  /** A promise that nobody awaited: no iteration could be failed for it. */
  readonly unhandled: boolean;
}

/** One change to a run under way. */
export interface ControlEvent {
  /** Seconds since the start, as in `series`. */
  readonly t: number;
  readonly action: 'pause' | 'resume' | 'users' | 'rate' | 'stop';
  /** Users, or requests (of scenarios: iterations) per second, from then on; null for what has no value. */
  readonly value: number | null;
  /** The scenario whose stream was changed; null when all were. */
  readonly stream: string | null;
}

/** Figures of the target over the run's seconds, `t` as in `series`. */
export interface TargetMetrics {
  readonly series: readonly {
    readonly name: string;
    readonly unit: 'percent' | 'bytes' | 'count' | 'milliseconds' | 'per second' | '';
    /** Where it was read: `pid 4711`, `http://…/metrics`, `inspector 127.0.0.1:9229`. */
    readonly source: string;
    readonly points: readonly { readonly t: number; readonly value: number }[];
  }[];
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}

/** All zero when nothing was recorded (`count` 0). */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly stddev: number;
  readonly max: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
}

export interface HistogramBin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

export interface EndpointSummary {
  readonly name: string;
  readonly ledger: Ledger;
  readonly status: Readonly<Record<string, number>>;
  readonly latencyMs: Distribution;
}

export interface SeriesPoint {
  /** Seconds since the start at which this interval ended. */
  readonly t: number;
  readonly scheduled: number;
  readonly ok: number;
  /** Failed, timed out and dropped together. */
  readonly failed: number;
  /** Open model: connections in use; closed model: users. */
  readonly users: number;
  readonly requestsPerSecond: number;
  readonly latencyMs: {
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
  };
}

export interface ThresholdResult {
  readonly expression: string;
  /** In the expression's own unit (ms, percent or per second); null when nothing was there to judge. */
  readonly actual: number | null;
  readonly ok: boolean;
}

export interface GeneratorSummary {
  readonly workers: number;
  readonly cpuMicrosPerRequest: number;
  /** 0 to 1; null where the runtime does not tell (Bun). */
  readonly eventLoopUtilization: number | null;
  readonly latenessMs: { readonly p50: number; readonly p99: number };
  /** Share of the run spent runnable but waiting for a processor; null where the system does not tell. */
  readonly starvedPercent: number | null;
  readonly gcPauseMs: { readonly count: number; readonly total: number; readonly max: number };
  readonly floorMs: { readonly p50: number; readonly p99: number };
}

export interface Verdict {
  readonly status: 'pass' | 'fail' | 'invalid';
  readonly bottleneck: 'none' | 'target' | 'generator' | 'network';
  /** Sentences for people; empty only for an unremarkable pass. */
  readonly reasons: readonly string[];
}

/** What scripts have done so far. */
export interface LiveScripts {
  readonly iterations: IterationLedger;
  /** Ended within the last interval. */
  readonly iterationsPerSecond: number;
  readonly checks: { readonly passed: number; readonly failed: number };
}

/** One look at a run under way, about once a second; counters are totals since the start. */
export interface LiveSnapshot {
  readonly elapsedMs: number;
  /** Null when the run has no planned length (`-n`). */
  readonly plannedMs: number | null;
  readonly plannedRequests: number | null;
  readonly warmingUp: boolean;
  readonly ledger: Ledger;
  readonly status: Readonly<Record<string, number>>;
  readonly failures: readonly FailureCount[];
  readonly point: SeriesPoint;
  /** Null unless users are scripts. */
  readonly scripts: LiveScripts | null;
  readonly openConnections: number;
  readonly generator: {
    /** 0 to 1, the busiest worker; null where unknown. */
    readonly cpu: number | null;
    readonly starvedPercent: number | null;
    readonly latenessP99Ms: number;
  };
}
